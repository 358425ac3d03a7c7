import ClipModel
import ConfigFiles
import FoundationEssentials
import Glibc
@testable import MediaWorker
import Support

/// libFuzzer brings a `main` of its own, which the package manager does not link; so this one calls its driver. Which reader
/// gets the bytes is in `CLIPSHIP_FUZZ`.
@main
enum TextFuzz {
    static func main() {
        guard target != nil else {
            print("CLIPSHIP_FUZZ is one of: \(Target.allCases.map(\.rawValue).joined(separator: ", "))")
            exit(2)
        }
        var count = CommandLine.argc
        var arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = CommandLine.unsafeArgv
        exit(runDriver(&count, &arguments, fuzzText))
    }
}

@_silgen_name("LLVMFuzzerRunDriver")
private func runDriver(
    _ count: UnsafeMutablePointer<Int32>,
    _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?>,
    _ test: @convention(c) (UnsafePointer<UInt8>, Int) -> Int32
) -> Int32

/// What reads text from outside.
private enum Target: String, CaseIterable {
    /// Pipelines, sessions, sidecars.
    case yaml
    case manifest
    /// Answers of the services.
    case json
    /// Targets of requests to the local service.
    case request
    /// What a media worker says.
    case worker
}

private let target = getenv("CLIPSHIP_FUZZ").flatMap { Target(rawValue: String(cString: $0)) }

/// Any value will do, and any error; what ends the process, takes long or fills the memory is a find.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzText(_ data: UnsafePointer<UInt8>, _ count: Int) -> Int32 {
    let bytes = Array(UnsafeBufferPointer(start: data, count: count))
    switch target {
    case .yaml: readYAML(bytes)
    case .manifest: readManifest(Data(bytes))
    case .json: readAnswers(Data(bytes))
    case .request: readTarget(bytes)
    case .worker: readWorker(bytes)
    case nil: break
    }
    return 0
}

private func readYAML(_ bytes: [UInt8]) {
    // A mistake is a value, too.
    guard let node = try? YAMLParser.parse(bytes) else { return }
    walk(node)
}

private func walk(_ node: YAMLNode) {
    switch node.content {
    case .scalar: _ = (node.text, node.isNull)
    case .sequence(let nodes): nodes.forEach(walk)
    case .mapping(let members):
        for member in members {
            walk(member.key)
            walk(member.value)
        }
    }
}

private func readManifest(_ text: Data) {
    // As above.
    guard let manifest = try? StrictJSON.decode(Manifest.self, from: text) else { return }
    // What was read is written, and read again as the same; what can't be written is no number.
    guard let again = try? CanonicalJSON.document(manifest) else { return }
    guard let read = try? JSONDecoder().decode(Manifest.self, from: again), read == manifest else {
        fatalError("a manifest that is written is read as another one")
    }
    _ = try? BlockPlan(fileSize: ByteCount(manifest.file.size), blockSize: ByteCount(manifest.blocks.size))
}

private func readAnswers(_ text: Data) {
    // Each of them may refuse it.
    _ = try? StrictJSON.decode(WithUnknownFields<GameClipPage>.self, from: text)
    _ = try? StrictJSON.decode(WithUnknownFields<GameClipAnswer>.self, from: text)
    _ = try? StrictJSON.decode(WithUnknownFields<InitialUploadResponse>.self, from: text)
    _ = try? StrictJSON.decode([String: JSONValue].self, from: text)
    _ = try? StrictJSON.decode(ServerReport.self, from: text)
    _ = Timestamp(parsing: String(decoding: text.prefix(64), as: UTF8.self))
}

private func readTarget(_ bytes: [UInt8]) {
    let text = String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    guard let target = RequestTarget(parsing: text) else { return }
    for segment in target.segments where !segment.contains("/") {
        precondition(segment != "." && segment != "..", "a path that leads out of its folder")
    }
    precondition(!target.path.unicodeScalars.contains { $0.value < 0x20 || $0.value == 0x7f }, "a path with orders")
    _ = target.values("skipItems")
}

private func readWorker(_ bytes: [UInt8]) {
    guard bytes.count > MessageHeader.size else { return }
    let body = Array(bytes[MessageHeader.size...])
    _ = MessageHeader(Array(bytes.prefix(MessageHeader.size)))
    _ = JPEGHeader.size(of: body)
    // As above.
    if let error = try? JSONDecoder().decode(MediaError.self, from: Data(body)) { _ = error.cleaned }
    guard let answer = try? JSONDecoder().decode(AnswerMessage.self, from: Data(body)) else { return }
    var request = MediaRequest()
    request.stretches = StretchRequest(black: 1, frozen: 1, silent: 1)
    guard let checked = answer.checked(AnswerPictures(), for: request) else { return }
    // What is believed can be written, and rounded.
    precondition(checked.facts.durationInSeconds >= 1)
    guard (try? CanonicalJSON.document(checked.facts)) != nil else {
        fatalError("what is believed of a worker can't be written")
    }
}
