// swift-tools-version: 6.2
import PackageDescription

/// Every target of ours: Swift 6 language mode comes with the tools version; warnings are errors; an import is
/// private to its module unless it says `public import`, which keeps each C library behind one target.
let strict: [SwiftSetting] = [
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("ExistentialAny"),
]

/// Also optimised in debug builds: loops over pixels take most of the tests' time otherwise.
let optimised: [SwiftSetting] = [.unsafeFlags(["-O"], .when(configuration: .debug))]

func module(
    _ name: String, _ dependencies: [Target.Dependency], resources: [Resource] = [], _ settings: [SwiftSetting] = []
) -> Target {
    .target(name: name, dependencies: dependencies, resources: resources, swiftSettings: strict + settings)
}

func tests(of name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .testTarget(
        name: "\(name)Tests", dependencies: [.byName(name: name), "TestSupport"] + dependencies,
        swiftSettings: strict)
}

func library(_ name: String, pkgConfig: String, apt: [String]) -> Target {
    .systemLibrary(name: name, pkgConfig: pkgConfig, providers: [.apt(apt)])
}

let package = Package(
    name: "clipship",
    products: [
        .executable(name: "clipship", targets: ["clipship"]),
        .executable(name: "clipship-media", targets: ["clipship-media"]),
    ],
    targets: [
        .executableTarget(name: "clipship", dependencies: ["ClipshipCLI"], swiftSettings: strict),
        // What looks at media, started by the former: it alone links FFmpeg.
        .executableTarget(name: "clipship-media", dependencies: ["MediaProcess"], swiftSettings: strict),
        module(
            "ClipshipCLI",
            [
                "Pipeline", "ConfigFiles", "Transport", "LocalService", "XboxServices", "MediaWorker", "Journal",
                "SQLite", "Support", "SystemIO", "ClipModel", "CLinux",
            ],
            resources: ["pipeline", "manifest"].map { .embedInCode("Resources/\($0).schema.json") }),
        module(
            "Pipeline",
            [
                "BatchPage", "ConfigFiles", "MediaWorker", "XboxServices", "Transport", "Journal", "SQLite",
                "Support", "SystemIO", "ClipModel",
            ]),
        module(
            "BatchPage", ["Support", "SystemIO", "ClipModel"],
            resources: ["report.css", "report.js"].map { .embedInCode("Resources/\($0)") }),
        module(
            "LocalService",
            [
                "MediaWorker", "ConfigFiles", "SQLite", "Support", "SystemIO", "GzipCoding", "ClipModel",
                "CMicroHTTPD",
            ],
            resources: ["page.html", "page.css", "page.js", "icon.svg"].map { .embedInCode("Page/Resources/\($0)") }),
        module("ConfigFiles", ["SystemIO", "ClipModel", "CYAML"]),
        module("XboxServices", ["Transport", "Support", "SystemIO", "ClipModel"]),
        module("Transport", ["SystemIO", "ClipModel", "CCurl"]),
        module("Journal", ["SQLite", "SystemIO", "ClipModel"]),
        module("SQLite", ["SystemIO", "CSQLite", "CLinux"]),
        module("MediaProcess", ["MediaWorker", "MediaKit", "SystemIO", "ClipModel", "CSeccomp", "CLinux"]),
        module("MediaWorker", ["Support", "SystemIO", "ClipModel", "CLinux"]),
        module("MediaKit", ["ClipModel", "CFFmpeg", "CTurboJPEG", "CLinux"], optimised),
        module("SystemIO", ["ClipModel", "CCrypto", "CLinux"]),
        module("GzipCoding", ["CZlib"]),
        module("Support", ["ClipModel", "CJansson"]),
        module("ClipModel", []),

        .target(
            name: "CLinux",
            cSettings: [
                .unsafeFlags(
                    ["-fstack-protector-strong", "-U_FORTIFY_SOURCE", "-D_FORTIFY_SOURCE=2"],
                    .when(configuration: .release))
            ]),
        library(
            "CFFmpeg", pkgConfig: "libavformat",
            apt: ["libavformat-dev", "libavcodec-dev", "libswscale-dev", "libavfilter-dev"]),
        library("CTurboJPEG", pkgConfig: "libturbojpeg", apt: ["libturbojpeg0-dev"]),
        library("CCurl", pkgConfig: "libcurl", apt: ["libcurl4-openssl-dev"]),
        library("CMicroHTTPD", pkgConfig: "libmicrohttpd", apt: ["libmicrohttpd-dev"]),
        library("CZlib", pkgConfig: "zlib", apt: ["zlib1g-dev"]),
        library("CSQLite", pkgConfig: "sqlite3", apt: ["libsqlite3-dev"]),
        library("CYAML", pkgConfig: "yaml-0.1", apt: ["libyaml-dev"]),
        library("CJansson", pkgConfig: "jansson", apt: ["libjansson-dev"]),
        library("CSeccomp", pkgConfig: "libseccomp", apt: ["libseccomp-dev"]),
        library("CCrypto", pkgConfig: "libcrypto", apt: ["libssl-dev"]),

        .target(
            name: "TestSupport", dependencies: ["SystemIO", "ClipModel", "CLinux"], path: "Tests/TestSupport",
            swiftSettings: strict),
        tests(of: "ClipModel"),
        tests(of: "Support"),
        tests(of: "SystemIO"),
        tests(of: "SQLite"),
        tests(of: "Journal", ["SQLite"]),
        tests(of: "MediaKit", ["SystemIO"]),
        tests(
            of: "MediaWorker",
            [
                "Pipeline", "LocalService", "XboxServices", "MediaKit", "SystemIO", "ClipModel", "clipship",
                "clipship-media", "misbehaving-media",
            ]),
        .executableTarget(
            name: "misbehaving-media", dependencies: ["MediaProcess", "MediaWorker", "ClipModel"],
            path: "Tests/MisbehavingMedia", swiftSettings: strict),
        tests(of: "Transport"),
        tests(of: "XboxServices"),
        tests(of: "LocalService", ["Transport", "MediaWorker", "GzipCoding", "clipship", "clipship-media"]),
        tests(of: "ConfigFiles"),
        tests(of: "Pipeline"),
        tests(of: "BatchPage"),
        // What makes it fail, everywhere at once: `make crash-sweep`, `make fault-sweep`.
        .testTarget(
            name: "SweepTests",
            dependencies: [
                "Pipeline", "LocalService", "XboxServices", "Transport", "Journal", "SQLite", "SystemIO", "ClipModel",
                "TestSupport", "clipship", "clipship-media",
            ], swiftSettings: strict),
        // The whole program, as a user has it.
        tests(of: "ClipshipCLI", ["SystemIO", "clipship", "clipship-media"]),
    ]
)
