public import Foundation

/// Runs a program that is given so many seconds, and measures what it has at most (`getrusage`).
///
/// - Returns: How it ended, and bytes.
public func measured(
    _ program: String, _ words: [String], in folder: URL, within seconds: Int = 60,
    environment: [String: String] = [:]
) async throws -> (result: ProgramResult, peak: Int) {
    let script = """
        import resource, subprocess, sys
        done = subprocess.run(sys.argv[2:], stdin=subprocess.DEVNULL, timeout=int(sys.argv[1]))
        print("peak", resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024, file=sys.stderr)
        sys.exit(done.returncode if done.returncode >= 0 else 128 - done.returncode)
        """
    let result = try await run(
        "python3", ["-c", script, "\(seconds)", program] + words, in: folder, environment: environment)
    let line = result.errorText.split(separator: "\n").last { $0.hasPrefix("peak ") }
    guard let peak = line.flatMap({ Int($0.dropFirst(5)) }) else {
        throw ProgramFailure(status: result.status, errors: result.errorText)
    }
    return (result, peak)
}
