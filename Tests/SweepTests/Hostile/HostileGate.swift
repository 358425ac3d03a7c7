import Foundation
import TestSupport

/// `Tests/Programs/hostile-gate.py` in front of a service.
struct HostileGate {
    private let program: RunningProgram
    let port: Int

    static func with<Result>(
        before service: SweptService, isolation: isolated (any Actor)? = #isolation,
        _ body: (HostileGate) async throws -> Result
    ) async throws -> Result {
        let script = Places.root.appending(path: "Tests/Programs/hostile-gate.py").path
        return try await withProgram("/usr/bin/python3", [script, "\(service.port)"]) { program in
            let port = try await program.printed { $0.outputLines.first.flatMap { Int($0) } }
            return try await body(HostileGate(program: program, port: port))
        }
    }

    /// Gives an order and waits until it holds.
    func order(_ line: String) async throws {
        let before = program.printed.outputLines.count
        try program.tell(line)
        _ = try await program.printed { $0.outputLines.count > before ? true : nil }
    }
}
