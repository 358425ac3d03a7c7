import Foundation

/// The program that shows what a process asks of the kernel.
public enum Strace {
    /// It is installed, and may trace here.
    public static let isThere: Bool = {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["strace", "-f", "-o", "/dev/null", "true"]
        process.standardError = nil
        guard (try? start(process)) != nil else { return false }
        process.waitUntilExit()
        return process.terminationStatus == 0
    }()

    /// What a skipped test says.
    public static let isAbsent = "strace is not installed, or may not trace"
}
