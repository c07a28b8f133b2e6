# Completion of sts-token's options and their values, for bash.
_sts_token() {
    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}
    if [ "$word" = = ]; then word=; fi
    if [ "$before" = = ]; then before=${COMP_WORDS[COMP_CWORD - 2]}; fi
    local exchange='--url --ca-file --scope --subject-token-file --subject-token-env --subject-token-command --grant
        --audience --resource --requested-token-type --client-id --client-secret-file --client-auth --bearer-file
        --timeout-ms --attempt-timeout-ms --connect-timeout-ms --max-attempts --proxy --proxy-header-file --client-cert
        --client-key --client-key-passphrase-file'
    local several='--count --parallel --gap-ms --output --verbose'
    local words=
    case $before in
        --ca-file | --subject-token-file | --client-secret-file | --bearer-file | --client-cert | --client-key | \
            --client-key-passphrase-file | --proxy-header-file)
            mapfile -t COMPREPLY < <(compgen -f -- "$word")
            compopt -o filenames
            return
            ;;
        --dir)
            mapfile -t COMPREPLY < <(compgen -d -- "$word")
            compopt -o filenames
            return
            ;;
        --subject-token-env)
            mapfile -t COMPREPLY < <(compgen -e -- "$word")
            return
            ;;
        --scope)
            compopt -o nospace
            words='ern: roleassignments: projectpolicies: orgpolicies:'
            ;;
        --grant) words='token-exchange client-credentials jwt-bearer' ;;
        --client-auth) words='basic post' ;;
        --output) words='json token header' ;;
        --url | --subject-token-command | --audience | --resource | --requested-token-type | --client-id | --timeout-ms | --attempt-timeout-ms | --connect-timeout-ms | \
            --max-attempts | --proxy | --count | --parallel | --gap-ms | --port | --lifetime | --delay | --fail | --token-audience) return ;;
        *)
            case ${COMP_WORDS[1]} in
                serve-mock) words='--dir --port --lifetime --delay --fail --token-audience --help --version' ;;
                doctor) words="$exchange --no-exchange --help --version" ;;
                *) words="$exchange $several --help --version" ;;
            esac
            if [ "$COMP_CWORD" -eq 1 ]; then words+=' doctor serve-mock'; fi
            ;;
    esac
    mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
}
complete -F _sts_token sts-token
