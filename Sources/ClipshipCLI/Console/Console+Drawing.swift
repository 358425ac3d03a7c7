extension Console {
    /// Runs `body` while lines are drawn again ten times a second, if there is a terminal to draw on.
    ///
    /// - Parameter lines: What is to be seen now, on a terminal of so many columns.
    func whileDrawing<Value: Sendable, Failure: Error>(
        _ lines: @escaping @Sendable (_ columns: Int) -> [String],
        during body: () async throws(Failure) -> Value
    ) async throws(Failure) -> Value {
        guard let columns = progressColumns else { return try await body() }
        let drawing = Task {
            while !Task.isCancelled {
                showTransient(lines(columns))
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
