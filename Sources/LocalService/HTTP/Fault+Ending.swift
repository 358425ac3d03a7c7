import ClipModel
import Glibc
import FoundationEssentials

/// How a request ends, as the client sees it.
enum Ending: Sendable {
    case answer(OutgoingResponse)
    /// The connection closes when half of the body has been sent, or a part of the head where there is none.
    case truncatedAnswer(OutgoingResponse)
    case close
    case reset
    /// Nothing more is read; then the connection closes.
    case stall

    static func == (a: Self, b: Self) -> Bool {
        switch (a, b) {
        case (.close, .close), (.reset, .reset), (.stall, .stall): true
        default: false
        }
    }
}

extension Fault {
    /// The body is read slowly, or not at all.
    var readsSlowly: Bool { throttle != nil || act == .stall }

    /// How the request ends while its body is being read; nil to read on.
    func ending(after record: ExchangeRecord) -> Ending? {
        guard let act, act.isMidBody, record.bytesReceived >= (record.request?.contentLength ?? 0) / 2 else {
            return nil
        }
        return switch act {
        case .close: .close
        case .reset: .reset
        default: .stall
        }
    }

    /// How the request ends after its body.
    ///
    /// - Parameters:
    ///   - response: the handler's answer; nil where the request was not carried out.
    ///   - target: of the request line, which `{target}` in a location stands for.
    ///   - style: of the service that the request was for.
    func ending(with response: OutgoingResponse?, target: String, style: ErrorStyle, now: Timestamp) -> Ending {
        switch act {
        case .answer(let status, let retryAfter, let body, let location, _):
            var answer = OutgoingResponse.faulty(status, retryAfter, body, style, now: now)
            if FaultPlan.redirects.contains(status) {
                answer.set("Location", (location ?? "{target}").replacing("{target}", with: target))
            }
            return .answer(answer)
        case .close: return .close
        case .reset: return .reset
        case .stall: return .stall
        case .truncateAnswer: return response.map(Ending.truncatedAnswer) ?? .close
        case .malformedAnswer: return response.map { .answer($0.malformed()) } ?? .close
        case nil: return response.map(Ending.answer) ?? .close
        }
    }
}

extension OutgoingResponse {
    fileprivate static func faulty(
        _ status: Int, _ retryAfter: FaultPlan.RetryAfter?, _ body: String?, _ style: ErrorStyle, now: Timestamp
    ) -> Self {
        var response = OutgoingResponse(status: status)
        if status != 204, status != 304 {
            response = .refusal(
                Refusal(status, "a fault of the plan", code: Refusal.code(ofStatus: status)), style: style)
            if let body { response.body = .data(Data(body.utf8)) }
        }
        switch retryAfter {
        case .seconds(let seconds)?:
            response.set("Retry-After", "\(seconds)")
        case .date(let seconds)?:
            // By the same clock, for it may have been moved.
            response.set("Date", now.httpDate)
            response.set("Retry-After", now.advanced(by: .seconds(seconds)).httpDate)
        case nil: break
        }
        return response.decorated(style)
    }

    /// With the same status, and a body that begins like JSON and is none.
    fileprivate func malformed() -> Self {
        var response = self
        response.body = .data(Data(#"{"gameClip": {"state": <html><body>Bad Gateway"#.utf8))
        response.set("Content-Type", "application/json; charset=utf-8")
        return response
    }
}

extension Timestamp {
    /// As HTTP headers have it: `Sun, 06 Nov 1994 08:49:37 GMT` (`strftime`, in the language of the C locale, which
    /// nobody changes for dates).
    var httpDate: String {
        var (time, fields) = (time_t(seconds), tm())
        gmtime_r(&time, &fields)
        return String(unsafeUninitializedCapacity: 64) { text in
            text.withMemoryRebound(to: CChar.self) {
                // Newer headers of the C library say that the pointer is never nil; older ones leave it open.
                guard let start = $0.baseAddress else { return 0 }
                return strftime(start, $0.count, "%a, %d %b %Y %H:%M:%S GMT", &fields)
            }
        }
    }
}
