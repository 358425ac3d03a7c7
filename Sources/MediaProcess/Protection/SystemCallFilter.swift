import CSeccomp

/// Owns a filter of system calls before it is loaded (`seccomp_init`): what no rule names ends the process.
struct SystemCallFilter: ~Copyable {
    private let context: scmp_filter_ctx

    /// A call of libseccomp that failed.
    struct Failure: Error {
        var call: String
        /// An error number.
        var code: Int32
    }

    init() throws(Failure) {
        guard let context = seccomp_init(cseccomp_act_kill_process()) else {
            throw Failure(call: "seccomp_init", code: 0)
        }
        self.context = context
    }

    deinit {
        seccomp_release(context)
    }

    /// What becomes of a call that a rule names.
    enum Action {
        case allow
        /// It fails with this error number.
        case refuse(Int32)

        fileprivate var value: UInt32 {
            switch self {
            case .allow: cseccomp_act_allow()
            case .refuse(let code): cseccomp_act_errno(UInt16(clamping: code))
            }
        }
    }

    /// What an argument of a call must be, for a rule to name the call.
    struct Condition {
        fileprivate var comparison: scmp_arg_cmp

        /// The argument, counted from 0, has this value.
        static func argument(_ index: UInt32, is value: UInt64) -> Condition {
            Condition(comparison: scmp_arg_cmp(arg: index, op: SCMP_CMP_EQ, datum_a: value, datum_b: 0))
        }

        /// The bits of the argument that are in `mask` have this value.
        static func argument(_ index: UInt32, masked mask: UInt64, is value: UInt64) -> Condition {
            Condition(comparison: scmp_arg_cmp(arg: index, op: SCMP_CMP_MASKED_EQ, datum_a: mask, datum_b: value))
        }
    }

    /// Adds a rule for a call with this name; nothing where the library or the machine has no such call
    /// (`seccomp_rule_add_array`). All conditions must hold.
    func add(_ action: Action, _ name: String, _ conditions: [Condition] = []) throws(Failure) {
        let number = seccomp_syscall_resolve_name(name)
        guard number != Self.unknown else { return }
        let comparisons = conditions.map(\.comparison)
        try Self.check(
            name, seccomp_rule_add_array(context, action.value, number, UInt32(comparisons.count), comparisons))
    }

    /// Puts the process, with all its threads, under the filter for good (`seccomp_load`).
    func load() throws(Failure) {
        try Self.check("seccomp_attr_set", seccomp_attr_set(context, SCMP_FLTATR_CTL_TSYNC, 1))
        try Self.check(
            "seccomp_attr_set", seccomp_attr_set(context, SCMP_FLTATR_ACT_BADARCH, cseccomp_act_kill_process()))
        try Self.check("seccomp_load", seccomp_load(context))
    }

    /// `__NR_SCMP_ERROR`.
    private static let unknown: Int32 = -1

    private static func check(_ call: String, _ code: Int32) throws(Failure) {
        guard code == 0 else { throw Failure(call: call, code: -code) }
    }
}
