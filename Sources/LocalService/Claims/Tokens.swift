import ClipModel
import FoundationEssentials
import Support
import SystemIO

/// The tokens that the service knows.
struct Tokens: Sendable {
    private let claims: [String: Claims]
    private let uploadDeviceTypes: Set<String>
    private let firstUses = FirstUses()
    private let mask: TokenMask
    /// The first token of the file: the one that a program which embeds the service uses.
    let first: String

    /// Reads a token file.
    init(reading path: String) throws(LocalServiceError) {
        let list: TokenList
        do {
            let text = try OpenFile(path).contents(atMost: 1 << 24)
            list = try StrictJSON.decode(TokenList.self, from: Data(text))
        } catch let error as FileError {
            throw .file(error)
        } catch {
            throw .badTokens(path: path, reason: "\(error)")
        }
        guard let first = list.tokens.first?.token else {
            throw .badTokens(path: path, reason: "no token is in it")
        }
        for claims in list.tokens where !Self.isWellFormed(claims.token) {
            throw .badTokens(path: path, reason: "a token is empty or has spaces or control characters in it")
        }
        self.first = first
        claims = Dictionary(list.tokens.map { ($0.token, $0) }, uniquingKeysWith: { first, _ in first })
        mask = TokenMask(claims.keys)
        uploadDeviceTypes = Set(list.uploadDeviceTypes ?? TokenList.defaultUploadDeviceTypes)
    }

    /// The claims of the bearer of a token, in either form of `Authorization`.
    ///
    /// - Parameter lifetime: how long each token is good after its first use; nil for as long as it says itself.
    func claims(
        authorization: String?, now: Timestamp, lifetime: Duration? = nil
    ) throws(Refusal) -> Claims {
        guard let authorization else { throw .unauthorised("the Authorization header is missing") }
        guard let token = Self.token(in: authorization), Self.isWellFormed(token) else {
            throw .unauthorised(
                "the Authorization header is of neither form, XBL3.0 x=<userhash>;<token> or Xauth=<token>")
        }
        guard let claims = claims[String(token)] else {
            throw .unauthorised("the token is not known")
        }
        if let expires = claims.expires, expires <= now {
            throw .unauthorised("the token expired at \(expires)")
        }
        if let lifetime, firstUses.time(of: claims.token, now: now).advanced(by: lifetime) <= now {
            throw .unauthorised("the token expired \(lifetime) after its first use")
        }
        return claims
    }

    /// Refuses who may not ask for an upload; what the protocol lists for the initial request.
    func checkUploader(_ claims: Claims) throws(Refusal) {
        guard claims.userId != nil else { throw .missingClaim("Xuid") }
        guard let deviceType = claims.deviceType else { throw .missingClaim("DeviceType") }
        guard claims.deviceId != nil else { throw .missingClaim("DeviceId") }
        guard claims.titleId?.text != nil else { throw .missingClaim("TitleId") }
        guard claims.titleSandboxId != nil else { throw .missingClaim("TitleSandboxId") }
        guard uploadDeviceTypes.contains(deviceType) else {
            throw .forbidden("a device of type \(deviceType) may not upload")
        }
    }

    /// Text without any token in it.
    func masked(_ text: String) -> String { mask.masked(text) }

    /// Of `Xauth=<token>`, or of `XBL3.0 x=<userhash>;<token>` with any user hash.
    private static func token(in authorization: String) -> Substring? {
        if authorization.hasPrefix("Xauth=") { return authorization.dropFirst(6) }
        guard authorization.hasPrefix("XBL3.0 x=") else { return nil }
        let parts = authorization.dropFirst(9).split(separator: ";", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, isWellFormed(parts[0]) else { return nil }
        return parts[1]
    }

    private static func isWellFormed(_ token: some StringProtocol) -> Bool {
        !token.isEmpty && token.utf8.allSatisfy { (0x21...0x7e).contains($0) }
    }
}

/// When each token was used for the first time since the service was started.
private final class FirstUses: Sendable {
    private let times = Locked<[String: Timestamp]>([:])

    func time(of token: String, now: Timestamp) -> Timestamp {
        times.withLock { times in
            let time = times[token] ?? now
            times[token] = time
            return time
        }
    }
}

extension Tokens {
    /// Writes a token file with one random token, for a developer's own machine, unless there is a file
    /// already.
    static func makeFile(at path: String) throws(LocalServiceError) {
        guard (try? FileIdentity(of: path)) == nil else { return }
        let claims = Claims(
            token: RandomText.hexadecimal(bytes: 32), xuid: "2533274790412952", deviceType: "XboxOne",
            deviceId: .some(RandomText.guid()), titleId: 1_234_567_890,
            titleSandboxId: "LOCAL.0",
            sandboxId: "LOCAL.0")
        do {
            let text = try CanonicalJSON.document(TokenList(tokens: [claims]))
            try DurableFile.write(text, to: path, access: .owner)
        } catch let error as FileError {
            throw .file(error)
        } catch {
            throw .badTokens(path: path, reason: "\(error)")
        }
    }
}
