import SystemIO
import Testing

@Suite("Work on all processors")
struct OnAllProcessorsTests {
    @Test("parts come in their order, and nothing is left out or done twice", arguments: [0, 1, 2, 7, 1_000, 4_321])
    func order(count: Int) {
        let numbers = Array(0..<count)
        #expect(numbers.onAllProcessors(atLeast: 1) { Array($0) }.flatMap(\.self) == numbers)
        #expect(numbers.onAllProcessors(atLeast: 500) { Array($0) }.flatMap(\.self) == numbers)
    }

    @Test("there is one part where there is little to do")
    func little() {
        #expect(Array(0..<999).onAllProcessors(atLeast: 500) { $0.count } == [999])
        #expect([Int]().onAllProcessors(atLeast: 0) { $0.count } == [0])
    }
}
