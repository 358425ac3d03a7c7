import ClipModel
import FoundationEssentials

/// Which service an answer is one of: its error bodies and its headers.
enum ErrorStyle: Sendable {
    /// GameClips' calls about clips: ServiceErrorResponse.
    case metadata
    /// GameClips' upload and download URIs: GameClipsServiceErrorResponse.
    case transfer
    /// User statistics: ServiceError.
    case statistics
    /// Game server management: ServiceError.
    case compute

    /// For a path that names nothing, by how it begins.
    init(ofPath path: some StringProtocol) {
        let names = path.prefix { $0 != "?" }.split(separator: "/", maxSplits: 5)
        switch names.first {
        case "upload", "download": self = .transfer
        case "batch": self = .statistics
        case "titles": self = .compute
        case "users" where names.count > 4 && names[2] == "scids" && names[4] == "stats": self = .statistics
        default: self = .metadata
        }
    }
}

extension OutgoingResponse {
    /// The answer that says no.
    static func refusal(_ refusal: Refusal, style: ErrorStyle) -> Self {
        let code = refusal.code ?? refusal.status
        var response =
            switch style {
            case .metadata:
                json(ServiceErrorResponse(errorCode: code, errorMessage: refusal.message))
            case .transfer:
                json(
                    GameClipsServiceErrorResponse(
                        errorSource: "GameClipsTransfer", errorResponseCode: code, errorMessage: refusal.message))
            case .statistics:
                json(ServiceError(code: code, source: "UserStats", description: refusal.message))
            case .compute:
                json(ServiceError(code: code, source: "GSMS", description: refusal.message))
            }
        response.status = refusal.status
        response.headers += refusal.headers
        return response
    }

    /// An answer with a JSON body.
    static func json(_ value: some Encodable, status: Int = 200) -> Self {
        guard let data = try? CanonicalJSON.line(value) else { return OutgoingResponse(status: 500) }
        return OutgoingResponse(
            status: status, headers: [Header(name: "Content-Type", value: "application/json; charset=utf-8")],
            body: .data(data))
    }

    /// With the headers that all answers of the service carry.
    func decorated(_ style: ErrorStyle = .metadata) -> Self {
        var response = self
        response.headers.append(Header(name: "X-Content-Type-Options", value: "nosniff"))
        if style == .compute {
            response.headers.append(Header(name: "X-XblCorrelationId", value: RandomText.guid()))
        } else {
            response.headers += [
                Header(name: "X-RequestedServiceVersion", value: "1"),
                Header(name: "Accept", value: "application/json"),
                Header(name: "Vary", value: "Authorization, X-RequestedServiceVersion, Accept-Encoding"),
            ]
        }
        if !headers.contains(where: { $0.name == "Cache-Control" }) {
            response.set("Cache-Control", "no-store")
        }
        return response
    }
}
