import Glibc
import SystemIO

/// A thread that ends the process when the program that it works for is gone, even in the midst of a file.
///
/// `PR_SET_PDEATHSIG` is no way to do it: that signal comes when the thread that started the process ends, and the
/// program's threads come and go.
enum ParentDeathMonitor {
    /// Watches a socket from now on (`pthread_create`).
    static func start(on descriptor: Int32) {
        var thread = pthread_t()
        let watched = UnsafeMutableRawPointer(bitPattern: Int(descriptor))
        pthread_create(
            &thread, nil,
            { watched in
                LocalSocket.waitForHangUp(of: Int32(truncatingIfNeeded: Int(bitPattern: watched)))
                _exit(0)
            }, watched)
    }
}
