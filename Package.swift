// swift-tools-version: 6.2
import PackageDescription

// Layers, lowest first; a target imports only what stands above it here.
//
//   C<library>, CLazy < CAV, COpenBLAS and CMPI, CKernels, CRegistry
//   KitCore < KitProcesses;  KitCore < KitTensor < KitModel;  KitCore < KitMedia;  all of them < KitData
//   KitData < KitTraining < KitEvaluation < KitReport < KitWorkbench < Kit
//   Kit < LuaBridge, Kit < Plugins (which never see each other) < dubkit

let swift: [SwiftSetting] = [.swiftLanguageMode(.v6)]
// Kernels are optimised in every configuration and compiled once for each instruction set, chosen at run time.
let kernels: [CSetting] = [.unsafeFlags(["-O3", "-ffp-contract=fast", "-fno-math-errno", "-Wno-psabi"])]

// The modules behind `Kit`. Whatever depends on `Kit` names them too: SwiftPM compiles a target again when the module of a
// direct dependency changes, and that of `Kit`, which only exports the others, never does.
let kitModules: [Target.Dependency] = [
    "KitCore", "KitProcesses", "KitTensor", "KitModel", "KitMedia", "KitData", "KitTraining", "KitEvaluation",
    "KitReport", "KitWorkbench",
]
let wholeKit: [Target.Dependency] = ["Kit"] + kitModules

func library(_ name: String, _ package: String, link: String) -> Target {
    .systemLibrary(name: name, pkgConfig: link, providers: [.apt([package])])
}

func kit(_ folder: String, _ dependencies: [Target.Dependency], resources: [Resource] = []) -> Target {
    .target(
        name: "Kit\(folder)", dependencies: dependencies, path: "Sources/Kit/\(folder)", resources: resources,
        swiftSettings: swift)
}

func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .testTarget(
        name: "\(name)Tests", dependencies: dependencies + wholeKit + ["TestSupport"], path: "Tests/\(name)Tests",
        exclude: ["Fixtures"], swiftSettings: swift)
}

let package = Package(
    name: "dubkit",
    products: [
        .executable(name: "dubkit", targets: ["dubkit"]),
        .library(name: "Kit", targets: ["Kit"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-protobuf", from: "1.39.0"),
    ],
    targets: [
        library("CLua", "liblua5.4-dev", link: "lua5.4"),
        library("CFFTW", "libfftw3-dev", link: "fftw3f"),
        library("CSndfile", "libsndfile1-dev", link: "sndfile"),
        library("CEdit", "libedit-dev", link: "libedit"),
        // plugin.c is part of plugins in files of their own.
        .target(name: "CRegistry", exclude: ["plugin.c"]),
        .target(name: "CLazy"),
        .target(name: "CAV", dependencies: ["CLazy"]),
        .target(name: "COpenBLAS", dependencies: ["CLazy"]),
        .target(name: "CMPI", dependencies: ["CLazy"]),
        .target(name: "CKernels", exclude: ["kernels", "README.md"], cSettings: kernels),

        kit("Core", ["CRegistry"]),
        kit("Processes", ["KitCore", "CMPI"]),
        kit("Tensor", ["KitCore", "CKernels", "COpenBLAS"]),
        kit("Model", ["KitCore", "KitTensor"]),
        kit("Media", ["KitCore", "CKernels", "CAV", "CSndfile", "CFFTW"]),
        kit("Data", ["KitCore", "KitTensor", "KitMedia"]),
        kit(
            "Training",
            [
                "KitCore", "KitTensor", "KitModel", "KitMedia", "KitData", "CAV",
                .product(name: "SwiftProtobuf", package: "swift-protobuf"),
            ]),
        kit("Evaluation", ["KitCore", "KitTensor", "KitModel", "KitMedia", "KitData", "KitTraining", "CAV"]),
        kit(
            "Report", ["KitCore", "KitTensor", "KitModel", "KitMedia", "KitData", "KitTraining", "KitEvaluation"],
            resources: [.embedInCode("Page")]),
        kit(
            "Workbench", ["KitCore", "KitTensor", "KitModel", "KitMedia", "KitData", "KitTraining", "KitEvaluation"],
            resources: [.embedInCode("Extend/Templates")]),
        .target(
            name: "Kit", dependencies: kitModules, path: "Sources/Kit/Umbrella", swiftSettings: swift),

        .target(name: "CLuaShim", dependencies: ["CLua"], path: "Sources/LuaBridge/CLuaShim"),
        .target(
            name: "LuaBridge", dependencies: wholeKit + ["CLua", "CLuaShim", "CEdit"], path: "Sources/LuaBridge",
            exclude: ["CLuaShim"], resources: [.embedInCode("Prelude")], swiftSettings: swift),
        .target(name: "Plugins", dependencies: wholeKit, swiftSettings: swift),
        .executableTarget(
            name: "dubkit",
            dependencies: wholeKit + [
                "LuaBridge", "Plugins",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: swift,
            // Plugins that are loaded from files find the kit's symbols in the program.
            linkerSettings: [.unsafeFlags(["-Xlinker", "--export-dynamic", "-Xlinker", "--build-id"])]),
        .executableTarget(
            name: "dubkit-bench", dependencies: wholeKit + ["Plugins"], path: "benchmarks/dubkit-bench",
            swiftSettings: swift),

        .target(name: "CTerminal", path: "Tests/CTerminal"),
        .target(name: "CTrappedTiles", dependencies: ["CKernels"], path: "Tests/CTrappedTiles"),
        .target(
            name: "TestSupport", dependencies: wholeKit + ["CTerminal"], path: "Tests/TestSupport", swiftSettings: swift
        ),
        .executableTarget(
            name: "TrainingProgram", dependencies: wholeKit + ["Plugins", "TestSupport"], path: "Tests/TrainingProgram",
            swiftSettings: swift),
        .target(name: "ReaderChecks", dependencies: wholeKit, path: "Tests/ReaderChecks", swiftSettings: swift),
        tests("Core", []),
        tests("Tensor", ["CTrappedTiles"]),
        tests("Model", ["Plugins"]),
        tests("Media", []),
        tests("Data", ["Plugins"]),
        tests("Training", ["Plugins"]),
        tests("Evaluation", ["Plugins"]),
        tests("Report", ["Plugins"]),
        tests("LuaBridge", ["LuaBridge", "CLua", "CLuaShim"]),
        tests("Conformance", ["Plugins", "LuaBridge"]),
        tests("Command", ["Plugins", "LuaBridge"]),
        tests("Recipe", ["Plugins", "LuaBridge"]),
        tests("Fuzz", ["ReaderChecks"]),
    ]
)

// For scripts/dev/trials/fuzz.py alone: it links with libFuzzer.
if Context.environment["DUBKIT_FUZZER"] != nil {
    package.targets.append(
        .executableTarget(
            name: "dubkit-fuzz", dependencies: ["ReaderChecks"], path: "Tests/Fuzzer", swiftSettings: swift))
}
