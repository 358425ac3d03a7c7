import ClipModel
import FoundationEssentials

/// One of the services: what its calls have in common with those of the others.
protocol XboxService: Sendable {
    var configuration: LocalService.Configuration { get }

    /// Carries a request out, or says who takes its body; what it throws becomes an answer.
    func receive(_ request: IncomingRequest, _ resource: Resource) throws -> Reception
}

extension XboxService {
    /// Refuses versions of the service that it is not.
    func checkVersion(of request: IncomingRequest, among versions: [String]) throws(Refusal) {
        for version in request.headers["x-requestedserviceversion"] ?? [] where !versions.contains(version) {
            throw Refusal(406, "X-RequestedServiceVersion must be \(versions.joined(separator: " or "))")
        }
    }

    /// Runs `body`; what it throws becomes an answer.
    func answering(_ style: ErrorStyle, _ body: () throws -> Reception) -> Reception {
        do {
            return try body()
        } catch {
            return .answer(refused(error, style))
        }
    }

    /// The same for what is done with a body.
    func answering(_ style: ErrorStyle, _ body: () throws -> OutgoingResponse) -> OutgoingResponse {
        do {
            return try body()
        } catch {
            return refused(error, style)
        }
    }

    func refused(_ error: any Error, _ style: ErrorStyle) -> OutgoingResponse {
        let refusal = Refusal(error)
        if refusal.status >= 500, !refusal.isPlanned { configuration.report(.problem("\(error)")) }
        return .refusal(refusal, style: style).decorated(style)
    }

    /// A request whose JSON body `handle` answers.
    func withBody(
        of request: IncomingRequest, _ style: ErrorStyle = .metadata,
        _ handle: @escaping (Data) throws -> OutgoingResponse
    ) throws(Refusal) -> Reception {
        let tooLarge = Refusal.badBody("the body has more than \(ServiceLimits.largestBody) bytes")
        guard (request.contentLength ?? 0) <= ServiceLimits.largestBody else { throw tooLarge }
        if let type = request.header("Content-Type") {
            let name = type.prefix { $0 != ";" }.lowercased().filter { $0 != " " }
            guard name == "application/json" else {
                throw .badRequest("Content-Type must be application/json")
            }
        }
        let tooLargeAnswer = OutgoingResponse.refusal(tooLarge, style: style).decorated(style)
        return .body(
            DataReceiver(limit: ServiceLimits.largestBody, tooLarge: tooLargeAnswer) { data in
                answering(style) { try handle(data) }
            })
    }
}
