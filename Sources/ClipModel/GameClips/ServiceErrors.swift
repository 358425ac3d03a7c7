/// ServiceErrorResponse: what may come with an error of the GameClips metadata calls.
public struct ServiceErrorResponse: Codable, Hashable, Sendable {
    public var errorCode: Int?
    public var errorMessage: String?

    public init(errorCode: Int?, errorMessage: String?) {
        self.errorCode = errorCode
        self.errorMessage = errorMessage
    }
}

/// GameClipsServiceErrorResponse: what may come with an error of the upload and download URIs.
public struct GameClipsServiceErrorResponse: Codable, Hashable, Sendable {
    public var errorSource: String?
    public var errorResponseCode: Int?
    public var errorMessage: String?

    public init(errorSource: String?, errorResponseCode: Int?, errorMessage: String?) {
        self.errorSource = errorSource
        self.errorResponseCode = errorResponseCode
        self.errorMessage = errorMessage
    }
}

/// ServiceError: what may come with an error elsewhere. 0 success, 4000 invalid body, 4100 no such user, 4500 not
/// authorised, 5000 service error, 5300 unavailable.
public struct ServiceError: Codable, Hashable, Sendable {
    public var code: Int?
    public var source: String?
    public var description: String?

    public init(code: Int?, source: String?, description: String?) {
        self.code = code
        self.source = source
        self.description = description
    }
}

/// What comes with a 429 of any service: the limit that was exceeded.
public struct RateLimitExceeded: Codable, Hashable, Sendable {
    public var version: Int?
    public var currentRequests: Int?
    public var maxRequests: Int?
    public var periodInSeconds: Int?
    public var limitType: String?

    public init(version: Int = 1, currentRequests: Int, maxRequests: Int, periodInSeconds: Int) {
        self.version = version
        self.currentRequests = currentRequests
        self.maxRequests = maxRequests
        self.periodInSeconds = periodInSeconds
        limitType = "rate"
    }
}
