import Dispatch
import Glibc

/// Tells that something in some folders changes (`inotify(7)`).
///
/// It only makes looks come sooner: a file system that tells of nothing, such as one of another machine, or a limit of the
/// system, is no error.
public final class FolderWatch: Sendable {
    private struct State {
        var descriptor: Int32 = -1
        var watched: Set<String> = []
        var hasChanged = false
        var waiters: [Int: CheckedContinuation<Void, Never>] = [:]
        var next = 0
    }

    private let state = Locked(State())
    private let source = Locked<Source?>(nil)

    /// `@unchecked Sendable`: of a source only `cancel` is used here, which any thread may call (`dispatch_source_cancel`).
    private struct Source: @unchecked Sendable {
        let source: any DispatchSourceRead
    }

    public init() {
        let descriptor = inotify_init1(Int32(IN_CLOEXEC | IN_NONBLOCK))
        guard descriptor >= 0 else { return }
        state.withLock { $0.descriptor = descriptor }
        let reading = DispatchSource.makeReadSource(
            fileDescriptor: descriptor, queue: DispatchQueue(label: "clipship.folders"))
        reading.setEventHandler { [weak self] in
            var buffer = [UInt8](repeating: 0, count: 16 << 10)
            while read(descriptor, &buffer, buffer.count) > 0 {}
            self?.change()
        }
        // The source must be over before its descriptor is.
        reading.setCancelHandler { close(descriptor) }
        reading.resume()
        let started = Source(source: reading)
        source.withLock { $0 = started }
    }

    deinit {
        source.withLock { $0 }?.source.cancel()
    }

    /// Watches these folders from now on, too. Folders that are gone are forgotten by the system; those that come back have
    /// to be named again.
    public func add(_ folders: [String]) {
        state.withLock { state in
            guard state.descriptor >= 0 else { return }
            let events = UInt32(IN_CLOSE_WRITE | IN_CREATE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE | IN_ONLYDIR)
            // Naming one again changes nothing.
            for folder in folders { inotify_add_watch(state.descriptor, folder, events) }
        }
    }

    /// Returns when something has changed since the last time, or the task is cancelled.
    public func waitForChange() async {
        let number = state.withLock { state in
            state.next += 1
            return state.next
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver = state.withLock { state in
                    guard !state.hasChanged, !Task.isCancelled else {
                        state.hasChanged = false
                        return true
                    }
                    state.waiters[number] = continuation
                    return false
                }
                if isOver { continuation.resume() }
            }
        } onCancel: {
            state.withLock { $0.waiters.removeValue(forKey: number) }?.resume()
        }
    }

    private func change() {
        let waiters = state.withLock { state in
            state.hasChanged = state.waiters.isEmpty
            defer { state.waiters = [:] }
            return state.waiters
        }
        for waiter in waiters.values { waiter.resume() }
    }
}
