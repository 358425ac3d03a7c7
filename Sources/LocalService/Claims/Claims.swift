import ClipModel

/// What a token says of its bearer; an entry of the token file.
struct Claims: Codable, Hashable, Sendable {
    var token: String
    /// A string or a number.
    var xuid: JSONValue?
    var deviceType: String?
    var deviceId: String?
    /// A string or a number.
    var titleId: JSONValue?
    /// The sandbox that the title runs in: uploads go into it.
    var titleSandboxId: String?
    /// The sandbox that the user is signed in to: clips of others are not seen.
    var sandboxId: String?
    /// The service configurations that may be used; absent for any.
    var scid: [String]?
    /// The titles whose servers may be asked for; absent for any. Strings or numbers.
    var serverTitles: [JSONValue]?
    /// From then on the token is refused; absent for never.
    var expires: Timestamp?

    /// A user is known by digits.
    var userId: String? {
        guard let text = xuid?.text, !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) })
        else {
            return nil
        }
        return text
    }

    func allows(scid: String) -> Bool {
        self.scid?.contains { $0.lowercased() == scid.lowercased() } ?? true
    }

    func allowsServers(ofTitle titleId: String) -> Bool {
        serverTitles?.contains { $0.text == titleId } ?? true
    }
}

/// The token file.
struct TokenList: Codable, Sendable {
    var tokens: [Claims]
    /// The device types that may upload; absent for `defaultUploadDeviceTypes`.
    var uploadDeviceTypes: [String]?

    /// What records clips: consoles and PCs.
    ///
    /// Browsers and phones may look at clips but not upload them.
    static let defaultUploadDeviceTypes = [
        "XboxOne", "XboxSeries", "Scarlett", "Durango", "Xbox360", "WindowsOneCore", "Win32", "Server",
    ]
}
