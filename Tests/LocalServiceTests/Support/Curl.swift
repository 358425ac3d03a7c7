import Foundation
import TestSupport
import Testing

/// What `curl` got back.
struct Answer {
    var status: Int
    /// By lower-case name; the last answer's only.
    var headers: [String: String]
    var body: Data

    var text: String { String(decoding: body, as: UTF8.self) }

    /// The body as a JSON object.
    var json: [String: Any] { get throws { try object(body) } }
}

/// The service's independent client: calls `curl`, and gives its answer whatever the status is.
func curl(_ arguments: [String], input: Data? = nil) async throws -> Answer {
    let result = try await run(
        "curl",
        ["--silent", "--max-time", "60", "--write-out", "%{stderr}%{http_code} %{header_json}"] + arguments,
        input: input)
    guard result.status == 0 else { throw CurlFailure(status: result.status, text: result.errorText) }
    let parts = result.errorText.split(separator: " ", maxSplits: 1)
    guard parts.count == 2, let status = Int(parts[0]),
        let headers = try JSONSerialization.jsonObject(with: Data(parts[1].utf8)) as? [String: [String]]
    else { throw CurlFailure(status: result.status, text: result.errorText) }
    return Answer(status: status, headers: headers.mapValues { $0.last ?? "" }, body: result.output)
}

/// Expects a status, and shows the answer where it is another one.
func expect(_ answer: Answer, is status: Int, sourceLocation: SourceLocation = #_sourceLocation) {
    #expect(answer.status == status, "\(answer.text)", sourceLocation: sourceLocation)
}

/// `curl` itself could not do it.
struct CurlFailure: Error {
    var status: Int32
    var text: String
}

/// A JSON object from text.
func object(_ data: Data) throws -> [String: Any] {
    guard let object = try JSONSerialization.jsonObject(with: data) as? [String: Any] else {
        throw CurlFailure(status: 0, text: "not a JSON object: \(String(decoding: data, as: UTF8.self))")
    }
    return object
}
