import Glibc
import SystemIO

extension Console {
    /// Runs `body` while lines are drawn again ten times a second, if there is a terminal to draw on.
    ///
    /// - Parameter lines: What is to be seen now; the terminal may have another size each time.
    func whileDrawing<Value: Sendable, Failure: Error>(
        _ lines: @escaping @Sendable (Terminal.Size) -> [String],
        during body: () async throws(Failure) -> Value
    ) async throws(Failure) -> Value {
        guard showsProgress else { return try await body() }
        Continuation.watch()
        let drawing = Task(executorPreference: Blocking.threads) { [self] in
            while !Task.isCancelled {
                // A terminal that is gone has nothing to draw on.
                if let terminal = Terminal.size(of: STDERR_FILENO) { showTransient(lines(terminal)) }
                try? await Task.sleep(for: .milliseconds(100))
            }
        }
        func end() async {
            drawing.cancel()
            await drawing.value
            showTransient([])
        }
        do throws(Failure) {
            let value = try await body()
            await end()
            return value
        } catch {
            await end()
            throw error
        }
    }
}
