import ClipModel
import Pipeline
import XboxServices
import Support

extension Flag {
    static let scid = Flag(name: "--scid", value: "SCID", help: "the service configuration id, a GUID")
    static let owner = Flag(
        name: "--owner", value: "OWNER",
        help: "the owner of the clips: me (default) or xuid(N), such as xuid(2716903703773872)")
    static let visibility = Flag(name: "--visibility", value: "WHO", help: "Default, Owner, Title or Public")
}

extension Arguments {
    /// `--scid`; nil where it isn't given.
    func scid() throws(UsageError) -> String? {
        try value(.scid, "a GUID such as 00000000-0000-0012-0023-000000000070") { text in
            GUID.isValid(text) ? text : nil
        }
    }

    /// `--scid` of a command that can't do without.
    func requiredSCID() throws(UsageError) -> String {
        guard let scid = try scid() else { throw UsageError("\(spec.name) needs --scid SCID", command: spec.name) }
        return scid
    }

    /// `--owner`.
    func owner() throws(UsageError) -> ClipOwner {
        try value(.owner, "me or xuid(N)") { text in
            if text == "me" { return ClipOwner.me }
            guard text.hasPrefix("xuid("), text.hasSuffix(")") else { return nil }
            return UInt64(text.dropFirst(5).dropLast()).map(ClipOwner.xuid)
        } ?? .me
    }

    /// `--visibility`.
    func visibility() throws(UsageError) -> GameClipVisibility? {
        try choice(
            .visibility, GameClipVisibility.listed.filter { $0 != GameClipVisibility.none }.map { ($0.rawValue, $0) })
    }
}
