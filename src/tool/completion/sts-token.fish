# Completion of sts-token's options and their values, for fish.
set --local other "__fish_seen_subcommand_from serve-mock"
set --local ask "not $other"
set --local only "not __fish_seen_subcommand_from serve-mock doctor"
complete -c sts-token -f
complete -c sts-token -n __fish_use_subcommand -a doctor -d 'Find out what is wrong with a set-up'
complete -c sts-token -n __fish_use_subcommand -a serve-mock -d 'Run a mock of the service'
complete -c sts-token -l help -d 'What it takes'
complete -c sts-token -l version -d 'Its version'

complete -c sts-token -n $ask -l url -x -d 'The whole token endpoint'
complete -c sts-token -n $ask -l ca-file -rF -d 'Trust these authorities, not the system\'s'
complete -c sts-token -n $ask -l scope -x -a 'ern: roleassignments: projectpolicies: orgpolicies:' -d 'What the token is for'
complete -c sts-token -n $ask -l subject-token-file -rF -d 'A file with the ID token'
complete -c sts-token -n $ask -l subject-token-env -x -a '(set -xn)' -d 'A variable with it'
complete -c sts-token -n $ask -l subject-token-command -x -d 'A command that prints it'
complete -c sts-token -n $ask -l grant -x -a 'token-exchange client-credentials' -d 'The grant'
complete -c sts-token -n $ask -l client-id -x -d 'Client authentication'
complete -c sts-token -n $ask -l client-secret-file -rF -d 'Its secret'
complete -c sts-token -n $ask -l client-auth -x -a 'post basic' -d 'How it is sent'
complete -c sts-token -n $ask -l bearer-file -rF -d 'Authorization: Bearer with the content'
complete -c sts-token -n $ask -l timeout-ms -x -d 'Bound on an exchange'
complete -c sts-token -n $ask -l attempt-timeout-ms -x -d 'Bound on one attempt'
complete -c sts-token -n $ask -l connect-timeout-ms -x -d 'Bound on opening a connection'
complete -c sts-token -n $ask -l max-attempts -x -d 'The first included'
complete -c sts-token -n $ask -l proxy -x -d 'http://[user:password@]host:port'
complete -c sts-token -n $ask -l proxy-header-file -rF -d 'More headers for it, a line each'
complete -c sts-token -n $ask -l client-cert -rF -d 'Our own certificate'
complete -c sts-token -n $ask -l client-key -rF -d 'Its key'
complete -c sts-token -n $ask -l client-key-passphrase-file -rF -d 'What its key is encrypted with'
complete -c sts-token -n "__fish_seen_subcommand_from doctor" -l no-exchange -d 'Stop before the exchange'

complete -c sts-token -n $only -l count -x -d 'How many exchanges'
complete -c sts-token -n $only -l parallel -x -d 'How many at a time'
complete -c sts-token -n $only -l gap-ms -x -d 'Wait after each'
complete -c sts-token -n $only -l output -x -a 'json token header' -d 'What is printed'
complete -c sts-token -n $only -l verbose -d 'Each step with its time'

complete -c sts-token -n $other -l dir -x -a '(__fish_complete_directories)' -d 'Where its files go'
complete -c sts-token -n $other -l port -x -d 'Default: any free one'
complete -c sts-token -n $other -l lifetime -x -d 'expires_in of its access tokens'
complete -c sts-token -n $other -l delay -x -d 'Wait before each answer, ms'
complete -c sts-token -n $other -l fail -x -d 'NUMBER:STATUS[:ERROR] for a request'
complete -c sts-token -n $other -l token-audience -x -d 'Mint the ID token for another audience'
