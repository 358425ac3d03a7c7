import Foundation
import SystemIO
import TestSupport
import Testing

/// The executable, which every build puts beside the test bundle.
enum Clipship {
    static let path = Places.clipship
}

/// Runs `clipship` as a user would, to its end, with pipes for its output.
func clipship(
    _ arguments: [String], in folder: URL? = nil, environment: [String: String] = [:]
) async throws -> ProgramResult {
    try await run(Clipship.path, arguments, in: folder, environment: environment)
}

/// Expects an exit code, and shows what was printed where it is another one.
func expect(_ result: ProgramResult, exits code: Int32, sourceLocation: SourceLocation = #_sourceLocation) {
    #expect(result.status == code, "\(result.outputText)\n\(result.errorText)", sourceLocation: sourceLocation)
}

extension ProgramResult {
    var errorLines: [String] { errorText.split(separator: "\n").map(String.init) }
    var outputLines: [String] { outputText.split(separator: "\n").map(String.init) }

    /// The rows of a table on standard output, by their first cell; cells are two or more spaces apart.
    var table: [String: [String]] {
        let rows = outputLines.dropFirst().map { line in
            line.replacing(/\ {2,}/, with: "\t").split(separator: "\t").map(String.init)
        }
        return Dictionary(rows.map { ($0.first ?? "", $0) }) { first, _ in first }
    }
}

/// Lets a few tests at a time run: each starts programs of its own, and all at once would only get into each other's
/// way.
struct FewAtOnce: SuiteTrait, TestTrait, TestScoping {
    var isRecursive: Bool { true }

    private static let permits = AsyncSemaphore(4)

    func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
    ) async throws {
        guard testCase != nil else { return try await function() }
        try await Self.permits.withPermit { try await function() }
    }
}

extension Trait where Self == FewAtOnce {
    static var fewAtOnce: Self { FewAtOnce() }
}
