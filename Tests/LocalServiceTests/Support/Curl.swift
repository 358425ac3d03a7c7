import Foundation
import TestSupport
import Testing
import Transport

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

/// Makes a call as `curl` would with these arguments, and gives its answer whatever the status is.
///
/// A call with nothing special goes through libcurl in this process, which is many times as fast as a program; what is
/// special (chunks, expectations, redirects, hosts, TLS) is the program's.
func curl(_ arguments: [String], input: Data? = nil) async throws -> Answer {
    if let request = HTTPRequest(arguments, input: input) { return try await call(request) }
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

private func call(_ request: HTTPRequest) async throws -> Answer {
    do throws(TransportError) {
        let response = try await Clients.shared.perform(request)
        let headers = response.headers.fields.map { ($0.name.lowercased(), $0.value) }
        return Answer(
            status: response.status, headers: Dictionary(headers) { $1 }, body: response.body)
    } catch {
        throw CurlFailure(status: 0, text: "\(error)")
    }
}

private enum Clients {
    static let shared: CurlTransport = {
        var configuration = CurlConfiguration()
        configuration.userAgent = "curl"
        configuration.connections = 64
        do {
            return try CurlTransport(configuration)
        } catch {
            fatalError("\(error)")
        }
    }()
}

extension HTTPRequest {
    /// Nil for what needs the program.
    fileprivate init?(_ arguments: [String], input: Data?) {
        var (method, body, address): (String?, Data?, String?) = (nil, nil, nil)
        var headers = HTTPHeaders()
        var rest = arguments[...]
        while let argument = rest.popFirst() {
            switch argument {
            case "-g": continue
            case "-X": method = rest.popFirst()
            case "--data-binary":
                guard let text = rest.popFirst(), text == "@-" || !text.hasPrefix("@") else { return nil }
                body = text == "@-" ? input : Data(text.utf8)
            case "-H":
                guard let parts = rest.popFirst()?.split(separator: ":", maxSplits: 1), parts.count == 2,
                    Self.plainHeaders.contains(parts[0].lowercased())
                else { return nil }
                headers.append(String(parts[0]), parts[1].trimmingCharacters(in: .whitespaces))
            case _ where argument.hasPrefix("http://127.0.0.1:") && address == nil: address = argument
            default: return nil
            }
        }
        guard let address, !address.contains("/../"), let url = try? HTTPURL(parsing: address),
            let method = HTTPMethod(rawValue: method ?? (body == nil ? "GET" : "POST"))
        else { return nil }
        if body != nil, headers["Content-Type"] == nil {
            headers.append("Content-Type", "application/x-www-form-urlencoded")
        }
        self.init(method, url, headers: headers, body: body.map { .bytes($0) } ?? .none, isRepeatable: false)
    }

    private static let plainHeaders: Set = [
        "authorization", "content-type", "x-requestedserviceversion", "x-xbl-contract-version", "range", "if-range",
        "if-none-match", "etag", "sec-fetch-site", "sec-fetch-mode", "accept", "cache-control",
    ]
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
