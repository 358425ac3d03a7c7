import CCurl

/// Owns a `CURLM`, which it frees with `curl_multi_cleanup`. All of it belongs to one thread.
struct MultiHandle: ~Copyable {
    let pointer: UnsafeMutableRawPointer
    /// Milliseconds that nobody needs to be heard for.
    private let longestWait: Double

    /// `curl_multi_init`, with room for `connections` open connections, idle ones included.
    init?(connections: Int) {
        guard let pointer = curl_multi_init() else { return nil }
        self.pointer = pointer
        // Where the system allows no socket pair nobody can wake it up, so it has to look for itself.
        longestWait = curl_multi_wakeup(pointer) == CURLM_OK ? 60_000 : 20
        // Refused only by a libcurl older than 7.30.
        _ = ccurl_multi_setopt_long(pointer, CURLMOPT_MAX_TOTAL_CONNECTIONS, connections)
        _ = ccurl_multi_setopt_long(pointer, CURLMOPT_MAXCONNECTS, connections)
    }

    deinit {
        curl_multi_cleanup(pointer)
    }

    /// `curl_multi_add_handle`
    func add(_ easy: borrowing EasyHandle) -> Bool {
        curl_multi_add_handle(pointer, easy.pointer) == CURLM_OK
    }

    /// `curl_multi_remove_handle`: ends the transfer, whatever it is doing.
    func remove(_ easy: borrowing EasyHandle) {
        _ = curl_multi_remove_handle(pointer, easy.pointer)
    }

    /// Does what can be done without waiting (`curl_multi_perform`).
    func perform() {
        var running: Int32 = 0
        _ = curl_multi_perform(pointer, &running)
    }

    /// The next transfer that has ended, by its handle (`curl_multi_info_read`).
    func nextFinished() -> (easy: UnsafeMutableRawPointer, result: CURLcode)? {
        var waiting: Int32 = 0
        while let message = curl_multi_info_read(pointer, &waiting) {
            if message.pointee.msg == CURLMSG_DONE, let easy = message.pointee.easy_handle {
                return (easy, ccurl_message_result(message))
            }
        }
        return nil
    }

    /// Waits until there is something to do, somebody wakes it up or the time is over (`curl_multi_poll`).
    func wait(atMost duration: Duration) {
        let milliseconds = min(max(duration / .milliseconds(1), 0), longestWait)
        _ = curl_multi_poll(pointer, nil, 0, Int32(milliseconds.rounded(.up)), nil)
    }
}
