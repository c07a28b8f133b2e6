# Completion of sts-token's options and their values, for bash. Generated from src/tool/options.hpp.
_sts_token() {
    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}
    if [ "$word" = = ]; then word=; fi
    if [ "$before" = = ]; then before=${COMP_WORDS[COMP_CWORD - 2]}; fi
    local exchange='--url --scope --grant --audience --resource --requested-token-type --subject-token-file
        --subject-token-env --subject-token-command --subject-from --subject-audience --client-id
        --client-secret-file --client-auth --bearer-file --client-assertion-key --client-assertion-key-id
        --client-assertion-audience --dpop --dpop-required --dpop-key --signing-alg --ca-file --client-cert
        --client-key --client-key-passphrase-file --proxy --proxy-header-file --timeout-ms --attempt-timeout-ms
        --connect-timeout-ms --http --max-attempts --store --store-key-file --store-user --store-password-file
        --store-sentinel-user --store-sentinel-password-file --store-ca-file --store-namespace --store-identity'
    local several='--count --parallel --gap-ms --output --api'
    local words= at
    for ((at = 2; at < COMP_CWORD; ++at)); do
        if [ "${COMP_WORDS[1]}" = exec ] && [ "${COMP_WORDS[at]}" = -- ]; then # a program and its arguments
            if ((at + 1 == COMP_CWORD)); then
                mapfile -t COMPREPLY < <(compgen -A command -- "$word" | sort -u)
            else
                mapfile -t COMPREPLY < <(compgen -f -- "$word")
            fi
            return
        fi
    done
    case $before in
        --subject-token-file | --client-secret-file | --bearer-file | --client-assertion-key | --dpop-key | --ca-file | \
            --client-cert | --client-key | --client-key-passphrase-file | --proxy-header-file | --store-key-file | \
            --store-password-file | --store-sentinel-password-file | --store-ca-file)
            mapfile -t COMPREPLY < <(compgen -f -- "$word")
            compopt -o filenames
            return
            ;;
        --dir)
            mapfile -t COMPREPLY < <(compgen -d -- "$word")
            compopt -o filenames
            return
            ;;
        --subject-token-env | --token-env | --token-file-env)
            mapfile -t COMPREPLY < <(compgen -e -- "$word")
            return
            ;;
        --scope)
            compopt -o nospace
            words='ern: roleassignments: projectpolicies: orgpolicies:'
            ;;
        --grant) words='token-exchange client-credentials jwt-bearer' ;;
        --subject-from)
            compopt -o nospace
            words='ambient aws azure azure-pipelines bitbucket buildkite circleci gcp github gitlab: google-file hcp-terraform kubernetes vault:'
            ;;
        --client-auth) words='basic post private-key-jwt' ;;
        --signing-alg) words='ES256 ES384 ES512 EdDSA RS256 PS256' ;;
        --http) words='auto 1.1 2' ;;
        --output) words='json token header env curl-config exec-credential' ;;
        --url | --audience | --resource | --requested-token-type | --subject-token-command | --subject-audience | \
            --client-id | --client-assertion-key-id | --client-assertion-audience | --proxy | --timeout-ms | \
            --attempt-timeout-ms | --connect-timeout-ms | --max-attempts | --store | --store-user | \
            --store-sentinel-user | --store-namespace | --store-identity | --count | --parallel | --gap-ms | --api | \
            --port | --lifetime | --id-token-lifetime | --delay | --fail | --token-audience) return ;;
        *)
            case ${COMP_WORDS[1]} in
                serve-mock) words='--dir --port --lifetime --id-token-lifetime --delay --fail --token-audience --help --version' ;;
                doctor) words="$exchange --no-exchange --json --help --version" ;;
                exec) words="$exchange --token-env --verbose --token-file-env --help --version --" ;;
                *) words="$exchange $several --token-env --verbose --help --version" ;;
            esac
            if [ "$COMP_CWORD" -eq 1 ]; then words+=' exec doctor serve-mock'; fi
            ;;
    esac
    mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
}
complete -F _sts_token sts-token
