// swift-tools-version: 6.2
import PackageDescription

// A package of its own, so that nothing of it is in clipship's build: `make fuzz` builds it. The modules under test are
// clipship's own sources, by links, compiled once more for the fuzzer.

/// libFuzzer's coverage and the address sanitizer; checks of overflow and bounds stay in, as in the release.
let watched: [SwiftSetting] = [
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("ExistentialAny"),
    .unsafeFlags(["-sanitize=fuzzer,address", "-O", "-g"]),
]

let package = Package(
    name: "clipship-fuzz",
    targets: [
        .executableTarget(
            name: "MediaFuzz", dependencies: ["MediaKit", "ClipModel", "BoxMutation"],
            swiftSettings: watched + [.unsafeFlags(["-parse-as-library"])],
            linkerSettings: [.unsafeFlags(["-sanitize=fuzzer,address"])]),
        .executableTarget(
            name: "TextFuzz", dependencies: ["ConfigFiles", "MediaWorker", "Support", "ClipModel"],
            swiftSettings: watched + [.unsafeFlags(["-parse-as-library"])],
            linkerSettings: [.unsafeFlags(["-sanitize=fuzzer,address"])]),
        .target(
            name: "MediaWorker", dependencies: ["Support", "SystemIO", "ClipModel", "CLinux"],
            swiftSettings: watched + [.unsafeFlags(["-enable-testing"])]),
        .target(name: "ConfigFiles", dependencies: ["SystemIO", "ClipModel", "CYAML"], swiftSettings: watched),
        .target(name: "SystemIO", dependencies: ["ClipModel", "CCrypto", "CLinux"], swiftSettings: watched),
        .target(name: "Support", dependencies: ["ClipModel", "CJansson"], swiftSettings: watched),
        // Not watched: how a file came about says nothing about the code that reads it.
        .target(name: "BoxMutation", swiftSettings: [.unsafeFlags(["-O"])]),
        .target(
            name: "MediaKit", dependencies: ["ClipModel", "CFFmpeg", "CTurboJPEG", "CLinux"], swiftSettings: watched),
        .target(name: "ClipModel", swiftSettings: watched),
        .target(name: "CLinux"),
        .systemLibrary(name: "CFFmpeg", pkgConfig: "libavformat"),
        .systemLibrary(name: "CTurboJPEG", pkgConfig: "libturbojpeg"),
        .systemLibrary(name: "CYAML", pkgConfig: "yaml-0.1"),
        .systemLibrary(name: "CJansson", pkgConfig: "jansson"),
        .systemLibrary(name: "CCrypto", pkgConfig: "libcrypto"),
    ]
)
