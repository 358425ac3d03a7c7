import Foundation

/// Token files for tests.
enum TokenFile {
    /// Claims that allow everything.
    static func claims(_ token: String, xuid: String = "1001", _ change: [String: Any] = [:]) -> [String: Any] {
        var claims: [String: Any] = [
            "token": token, "xuid": xuid, "deviceType": "XboxOne", "deviceId": "device", "titleId": 77,
            "titleSandboxId": "RETAIL", "sandboxId": "RETAIL",
        ]
        for (name, value) in change { claims[name] = value }
        return claims
    }

    /// Writes a token file, and gives its path.
    static func write(_ tokens: [[String: Any]], in folder: URL) throws -> String {
        let file = folder.appending(path: "tokens-of-the-test.json")
        try JSONSerialization.data(withJSONObject: ["tokens": tokens]).write(to: file)
        return file.path
    }
}
