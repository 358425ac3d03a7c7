/// The service's calls, as fault plans and the request log name them. New ones go last: by its place a call gets its share
/// of a fault plan's chance, and the same plan is to fail the same calls.
public enum ServiceRoute: String, Codable, Hashable, Sendable, CaseIterable {
    /// `POST /users/me/scids/{scid}/clips`
    case initialUpload
    /// `PUT /{uploadUri}`
    case block
    /// `PUT` of a thumbnail
    case thumbnail
    /// `GET` of one clip
    case clip
    /// `GET` of a list
    case list
    /// `POST` to one clip
    case update
    case delete
    /// `GET` of a clip's or a thumbnail's bytes
    case download
    /// `POST /batch`
    case statistics
    /// `POST /titles/{titleId}/clusters`
    case cluster
    /// `GET` of an allocation's status
    case allocationStatus
    /// `POST` to one clip's views
    case view

    /// Requests have a body.
    var hasBody: Bool {
        switch self {
        case .initialUpload, .block, .thumbnail, .update, .statistics, .cluster: true
        case .clip, .list, .delete, .download, .allocationStatus, .view: false
        }
    }

    /// Requests change what the service has.
    var changes: Bool { (hasBody && self != .statistics) || self == .delete || self == .view }
}

/// What a request asks for, as far as its head says.
struct RoutedCall: Hashable, Sendable {
    var route: ServiceRoute
    /// The clip that the path names.
    var clip: String?
    var block: Int64?
}

extension RoutedCall {
    /// Nil for a path that names nothing, or a method that it does not take.
    init?(_ request: IncomingRequest) {
        guard let resource = request.route.resource, resource.methods.contains(request.method) else {
            return nil
        }
        let isRead = request.method == "GET" || request.method == "HEAD"
        switch resource {
        case .clipList: route = .list
        case .views(_, _, let id):
            route = .view
            clip = id.beginning(100)
        case .clips: route = isRead ? .list : .initialUpload
        case .clip(_, _, let id):
            route = isRead ? .clip : request.method == "DELETE" ? .delete : .update
            clip = id.beginning(100)
        case .upload(let place):
            route = .block
            clip = place.id
            block = Int64(request.target.values("blockNum").first ?? "0")
        case .thumbnailUpload(let place, _):
            route = .thumbnail
            clip = place.id
        case .download(let place), .thumbnailDownload(let place, _):
            route = .download
            clip = place.id
        case .statistics, .statisticsOfUser: route = .statistics
        case .clusters: route = .cluster
        case .allocationStatus: route = .allocationStatus
        }
    }
}
