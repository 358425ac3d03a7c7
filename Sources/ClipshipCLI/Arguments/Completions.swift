/// Completions for shells from the table of commands.
enum Completions {
    enum Shell: String, CaseIterable, Sendable {
        case bash
        case zsh
        case fish
    }

    static func script(for shell: Shell, _ commands: [CommandSpec]) -> String {
        switch shell {
        case .bash: bash(commands)
        case .zsh: zsh(commands)
        case .fish: fish(commands)
        }
    }

    /// The words that a command line can begin with, and what the second word of a group can be.
    private static func names(_ commands: [CommandSpec]) -> (first: [String], groups: [(String, [CommandSpec])]) {
        var first: [String] = []
        for spec in commands where !first.contains(spec.group ?? spec.name) { first.append(spec.group ?? spec.name) }
        let groups = first.compactMap { name in
            let members = commands.filter { $0.group == name }
            return members.isEmpty ? nil : (name, members)
        }
        return (first, groups)
    }

    private static func flags(_ spec: CommandSpec) -> [Flag] { spec.flags + Flag.common }

    private static func bash(_ commands: [CommandSpec]) -> String {
        let (first, groups) = names(commands)
        // Names are taken as they are: words for `compgen -W` would be expanded.
        var script = """
            # Completions of clipship for bash.
            _clipship_clips() {
                local word name
                for word in "${COMP_WORDS[@]}"; do
                    [[ $word == *.yaml || $word == *.yml ]] || continue
                    while IFS= read -r name; do
                        [[ $name != "$1"* ]] || COMPREPLY+=("$name")
                    done < <("${COMP_WORDS[0]}" completions clips "$word" 2>/dev/null)
                    return
                done
            }
            _clipship() {
                local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} words="" values="" command
                COMPREPLY=()
                if ((COMP_CWORD == 1)); then
                    COMPREPLY=($(compgen -W "\(first.joined(separator: " ")) help --help --version" -- "$word"))
                    return
                fi
                command=${COMP_WORDS[1]}
                case $command in

            """
        for (name, members) in groups {
            script += """
                    \(name))
                        if ((COMP_CWORD == 2)); then
                            COMPREPLY=($(compgen -W "\(members.map(\.lastWord).joined(separator: " ")) --help" -- "$word"))
                            return
                        fi
                        command="$command ${COMP_WORDS[2]}" ;;

                """
        }
        script += "    esac\n    case \"$command $before\" in\n"
        for spec in commands {
            for flag in flags(spec) where flag.value != nil {
                let reply =
                    flag.namesClip
                    ? "_clipship_clips \"$word\""
                    : flag.choices.isEmpty
                        ? "COMPREPLY=($(compgen -f -- \"$word\"))"
                        : "COMPREPLY=($(compgen -W \"\(flag.choices.joined(separator: " "))\" -- \"$word\"))"
                script += "        \"\(spec.name) \(flag.name)\") \(reply); return ;;\n"
            }
        }
        script += "    esac\n    case $command in\n"
        for spec in commands {
            let words = flags(spec).flatMap { [$0.name] + ($0.short.map { [$0] } ?? []) }
            script += "        \"\(spec.name)\") words=\"\(words.joined(separator: " "))\""
            script += spec.choices.isEmpty ? " ;;\n" : " values=\"\(spec.choices.joined(separator: " "))\" ;;\n"
        }
        return script + """
                esac
                if [[ $word == -* ]]; then
                    COMPREPLY=($(compgen -W "$words" -- "$word"))
                elif [[ -n $values ]]; then
                    COMPREPLY=($(compgen -W "$values" -- "$word"))
                else
                    COMPREPLY=($(compgen -f -- "$word"))
                fi
            }
            complete -o filenames -F _clipship clipship

            """
    }

    private static func zsh(_ commands: [CommandSpec]) -> String {
        let (first, groups) = names(commands)
        func summary(_ name: String) -> String {
            commands.first { $0.name == name }?.summary ?? "\(name) commands"
        }
        /// For between single quotes.
        func quoted(_ text: String) -> String { text.replacing("'", with: "'\\''") }
        func described(_ text: String) -> String {
            quoted(
                text.replacing("\\", with: "\\\\").replacing("[", with: "\\[").replacing("]", with: "\\]")
                    .replacing(":", with: "\\:"))
        }
        var script = """
            #compdef clipship
            # Completions of clipship for zsh.
            _clipship_clips() {
                local word
                local -a names
                for word in $words; do
                    [[ $word == *.yaml || $word == *.yml ]] || continue
                    names=("${(@f)$($program completions clips "${(Q)word}" 2>/dev/null)}")
                    compadd -a names
                    return
                done
            }
            _clipship() {

            """
        script +=
            "    local context state state_descr line program=$words[1]\n    typeset -A opt_args\n    local -a words2\n"
        script += "    if ((CURRENT == 2)); then\n        words2=(\n"
        for name in first { script += "            '\(name):\(described(summary(name)))'\n" }
        script += "        )\n        _describe command words2\n        return\n    fi\n    local command=$words[2]\n"
        for (name, members) in groups {
            script +=
                "    if [[ $command == \(name) ]]; then\n        if ((CURRENT == 3)); then\n            words2=(\n"
            for spec in members { script += "                '\(spec.lastWord):\(described(spec.summary))'\n" }
            script += "            )\n            _describe command words2\n            return\n        fi\n"
            script += "        command=\"$command $words[3]\"\n        shift words\n        ((CURRENT--))\n    fi\n"
        }
        script += "    shift words\n    ((CURRENT--))\n    case $command in\n"
        for spec in commands {
            script += "        '\(spec.name)')\n            _arguments -S"
            for flag in flags(spec) {
                let value = flag.value.map { value in
                    let what =
                        flag.namesClip
                        ? "_clipship_clips"
                        : flag.choices.isEmpty ? "_files" : "(\(flag.choices.joined(separator: " ")))"
                    return ":\(described(value)):\(what)"
                }
                let mark = flag.isRepeatable ? "*" : ""
                for name in [flag.name, flag.short].compactMap(\.self) {
                    script += " \\\n                '\(mark)\(name)[\(described(flag.help))]\(value ?? "")'"
                }
            }
            if !spec.operands.isEmpty {
                let what = spec.choices.isEmpty ? "_files" : "(\(spec.choices.joined(separator: " ")))"
                script += " \\\n                '*:\(described(spec.operands)):\(what)'"
            }
            script += " ;;\n"
        }
        return script
            + "    esac\n}\nif [[ $funcstack[1] == _clipship ]]; then _clipship \"$@\"; else compdef _clipship clipship; fi\n"
    }

    private static func fish(_ commands: [CommandSpec]) -> String {
        let (first, groups) = names(commands)
        func quoted(_ text: String) -> String {
            "'\(text.replacing("\\", with: "\\\\").replacing("'", with: "\\'"))'"
        }
        var script = "# Completions of clipship for fish.\n"
        script += "function __clipship_is\n    set -l words (commandline -opc)\n    set -e words[1]\n"
        script += "    test (count $words) -ge (count $argv); or return 1\n"
        script +=
            "    for index in (seq (count $argv))\n        test $words[$index] = $argv[$index]; or return 1\n    end\nend\n"
        script += "function __clipship_clips\n    set -l words (commandline -opc)\n    for word in $words\n"
        script += "        string match -qr '\\.ya?ml$' -- $word; or continue\n"
        script += "        $words[1] completions clips $word 2>/dev/null\n        return\n    end\nend\n"
        script += "function __clipship_at\n    test (count (commandline -opc)) -eq $argv[1]\nend\n"
        for name in first {
            let summary = commands.first { $0.name == name }?.summary ?? "\(name) commands"
            script += "complete -c clipship -n '__clipship_at 1' -f -a \(name) -d \(quoted(summary))\n"
        }
        for (name, members) in groups {
            for spec in members {
                script +=
                    "complete -c clipship -n '__clipship_at 2; and __clipship_is \(name)' -f -a \(spec.lastWord) "
                    + "-d \(quoted(spec.summary))\n"
            }
        }
        for spec in commands {
            for flag in flags(spec) {
                script += "complete -c clipship -n '__clipship_is \(spec.name)' -l \(flag.name.dropFirst(2))"
                if let short = flag.short { script += " -s \(short.dropFirst())" }
                if flag.value != nil {
                    script +=
                        flag.namesClip
                        ? " -x -a '(__clipship_clips)'"
                        : flag.choices.isEmpty ? " -r -F" : " -x -a \(quoted(flag.choices.joined(separator: " ")))"
                }
                script += " -d \(quoted(flag.help))\n"
            }
            if !spec.choices.isEmpty {
                script +=
                    "complete -c clipship -n '__clipship_is \(spec.name)' -f -a "
                    + quoted(spec.choices.joined(separator: " ")) + "\n"
            }
        }
        return script
    }
}
