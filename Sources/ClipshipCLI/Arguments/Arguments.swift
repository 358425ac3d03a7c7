import ClipModel

/// The command line of one command, split by its flags.
struct Arguments: Sendable {
    let spec: CommandSpec
    private(set) var operands: [String] = []
    /// What follows `--`, for another program.
    private(set) var handedOn: [String] = []
    private var values: [String: [String]] = [:]

    /// - Throws: `UsageError` for anything that the command doesn't take, `Failure` for a list that can't be read.
    init(_ words: [String], for spec: CommandSpec) throws {
        self.spec = spec
        var rest = words[...]
        while let word = rest.popFirst() {
            if word == "--" {
                if spec.handsOn { handedOn += rest } else { operands += rest }
                break
            }
            guard word.hasPrefix("-"), word != "-" else {
                operands.append(word)
                continue
            }
            for word in Self.unbundled(word, spec) { try take(word, from: &rest) }
        }
        if isSet(.help) { return }
        if let list = string(.filesFrom) { operands += try FileList.read(list, isZero: isSet(.zero), spec.name) }
        guard operands.count >= spec.operandCount.lowerBound else {
            throw UsageError("\(spec.name) needs \(spec.operands)", command: spec.name)
        }
        guard !operands.contains("") else {
            throw UsageError("\(spec.name) needs \(spec.operands), and one of them is empty", command: spec.name)
        }
        guard operands.count <= spec.operandCount.upperBound else {
            let extra = operands[spec.operandCount.upperBound]
            throw UsageError("\(spec.name) does not take \"\(extra)\"", command: spec.name)
        }
    }

    /// `-qv` as `-q -v`, where all of them are switches.
    private static func unbundled(_ word: String, _ spec: CommandSpec) -> [String] {
        guard word.count > 2, !word.hasPrefix("--") else { return [word] }
        let names = word.dropFirst().map { "-\($0)" }
        let flags = spec.flags + Flag.common
        let areSwitches = names.allSatisfy { name in flags.contains { $0.short == name && $0.value == nil } }
        return areSwitches ? names : [word]
    }

    private mutating func take(_ word: String, from rest: inout ArraySlice<String>) throws(UsageError) {
        let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        let name = parts[0]
        let flags = spec.flags + Flag.common
        guard let flag = flags.first(where: { $0.name == name || $0.short == name }) else {
            let guess = Suggestion.closest(to: name, among: flags.map(\.name)).map { "; did you mean \($0)?" }
            throw UsageError("unknown option \(name)\(guess ?? "")", command: spec.name)
        }
        guard let placeholder = flag.value else {
            guard parts.count == 1 else { throw UsageError("\(name) takes no value", command: spec.name) }
            values[flag.name] = [""]
            return
        }
        guard let value = parts.count == 2 ? parts[1] : rest.popFirst() else {
            throw UsageError("\(name) needs a value: \(name) \(placeholder)", command: spec.name)
        }
        guard !value.isEmpty || flag.takesEmpty else {
            throw UsageError("\(name) needs a value that is not empty: \(name) \(placeholder)", command: spec.name)
        }
        if !flag.isRepeatable, values[flag.name] != nil {
            throw UsageError("\(name) is there twice", command: spec.name)
        }
        values[flag.name, default: []].append(value)
    }

    func isSet(_ flag: Flag) -> Bool { values[flag.name] != nil }
    func string(_ flag: Flag) -> String? { values[flag.name]?.first }
    func strings(_ flag: Flag) -> [String] { values[flag.name] ?? [] }

    func integer(_ flag: Flag, in range: ClosedRange<Int64>) throws(UsageError) -> Int64? {
        try value(flag, "a whole number from \(range.lowerBound) to \(range.upperBound)") { text in
            Int64(text).flatMap { range.contains($0) ? $0 : nil }
        }
    }

    func choice<Value>(_ flag: Flag, _ choices: [(String, Value)]) throws(UsageError) -> Value? {
        try value(flag, choices.map(\.0).joined(separator: " or ")) { text in choices.first { $0.0 == text }?.1 }
    }

    /// The value of a flag as `convert` understands it.
    func value<Value>(
        _ flag: Flag, _ expected: String, _ convert: (String) -> Value?
    ) throws(UsageError) -> Value? {
        guard let text = string(flag) else { return nil }
        guard let value = convert(text) else {
            throw UsageError("\(flag.name): expected \(expected), found \"\(text)\"", command: spec.name)
        }
        return value
    }
}

extension Arguments {
    /// Whether a command line, as far as it can be read, wants JSON on standard error: of use where it can't be
    /// understood as a whole.
    static func askForJSONLog(_ words: [String]) -> Bool {
        let flags = words.prefix { $0 != "--" }
        let name = Flag.logFormat.name
        return flags.contains("\(name)=json") || zip(flags, flags.dropFirst()).contains { $0 == (name, "json") }
    }
}

/// A command line that can't be understood.
struct UsageError: Error, Hashable, Sendable {
    var message: String
    /// Whose help is of use.
    var command: String?

    init(_ message: String, command: String? = nil) {
        self.message = message
        self.command = command
    }
}
