import Foundation
import TestSupport
import Testing

@Suite struct InstallTests {
    private let kit: InstalledKit
    private let share: URL
    init() throws {
        kit = try InstalledKit.shared.get()
        share = kit.root.appendingPathComponent("share/dubkit")
    }

    @Test func recipesAndSamplesComeWithTheKit() throws {
        let outcome = try kit.run([
            "run", share.appendingPathComponent("scripts/pretrain/audio_audio.lua").path, "--dry-run", "--set",
            "data=\(share.appendingPathComponent("samples/movies").path)",
        ])
        #expect(outcome.status == 0 && outcome.errors.contains("dry run of 'audio_audio'"), "\(outcome.errors)")
        #expect(!FileManager.default.fileExists(atPath: share.appendingPathComponent("scripts/dev").path))
    }

    /// The first commands of a guide, in an empty folder: each failure says what helps, until nothing fails.
    @Test func whatTheKitHasIsOfferedWhereItIsMissing() throws {
        try Fixtures.withTemporaryFolder { folder in
            let recipe = "scripts/pretrain/audio_audio.lua"
            func fault(_ words: [String]) throws -> String {
                let outcome = try Command.run(words, program: kit.program, in: folder)
                #expect(outcome.status == 66)
                return outcome.errors
            }
            for path in [recipe, "./\(recipe)"] {
                #expect(
                    try fault(["run", path])
                        == "dubkit: recipe '\(path)' does not exist; the kit has it: 'cp -R \(share.path)/scripts .' "
                        + "copies it here\n")
            }
            try FileManager.default.copyItem(
                at: share.appendingPathComponent("scripts"), to: folder.appendingPathComponent("scripts"))
            let advice =
                "samples/movies: no such file or folder; the kit has it: 'cp -R \(share.path)/samples .' copies it here"
            #expect(try fault(["run", recipe, "--dry-run"]).contains(advice))
            #expect(try fault(["data", "check", "samples/movies"]).contains(advice))
            let other = "scripts/evaluate/probe.lua"
            try FileManager.default.removeItem(at: folder.appendingPathComponent(other))
            #expect(try fault(["run", other]).hasSuffix("; the kit has it at \(share.path)/\(other)\n"))
            #expect(try fault(["run", "scripts/none.lua"]).hasSuffix("does not exist\n"))
            try FileManager.default.createSymbolicLink(
                at: folder.appendingPathComponent("samples"),
                withDestinationURL: share.appendingPathComponent("samples"))
            let outcome = try Command.run(["run", recipe, "--dry-run"], program: kit.program, in: folder)
            #expect(outcome.status == 0, "\(outcome.errors)")
        }
    }

    @Test func theDoctorSaysWhereEverythingLies() throws {
        let text = try kit.run(["doctor"]).output
        let json = try kit.run(["doctor", "--json"]).output
        for (subject, name) in [("recipes", "scripts"), ("samples", "samples"), ("guides", "docs/guide")] {
            let place = "\(share.path)/\(name)"
            #expect(
                text.split(separator: "\n").contains {
                    $0.hasPrefix("ok") && $0.contains(subject) && $0.hasSuffix(place)
                }, "\(text)")
            #expect(json.contains("\"subject\" : \"\(subject)\"") && json.contains(place))
        }
    }

    @Test func linksBetweenInstalledPagesLead() throws {
        let found = FileManager.default.enumerator(at: share, includingPropertiesForKeys: nil)
        let pages = (found?.compactMap { $0 as? URL } ?? []).filter { $0.pathExtension == "md" }
        #expect(pages.count > 30)
        for page in pages {
            let broken = try MarkdownLinks.broken(in: page)
            #expect(broken.isEmpty, "\(page.path): \(broken)")
        }
        let documents = kit.root.appendingPathComponent("share/doc/dubkit/README.md").path
        #expect(FileManager.default.fileExists(atPath: documents))
    }

    @Test func theSwiftInterfaceCanBeLookedUp() throws {
        func help(_ words: String...) throws -> Command.Outcome { try kit.run(["help", "swift"] + words) }
        let index = try help().output
        for name in ["Tensor", "Module", "Linear", "Autograd", "Profiler", "Encoder", "RunLog", "WorkProgress"] {
            #expect(index.contains("- [`\(name)`]("), "\(name)")
        }
        let linear = try help("Linear").output
        #expect(linear.hasPrefix("Linear\n\n    final class Linear: Module"), "\(linear)")
        #expect(linear.contains("PyTorch's `nn.Linear`.") && linear.contains("Linear.init(_:_:bias:initialiser:_:)"))
        let product = try help("Tensor.matmul").output
        #expect(product.hasPrefix("Tensor.matmul(") && product.contains("    func matmul("), "\(product)")
        #expect(try help("matmul").output.contains(product.split(separator: "\n")[0]))
        let register = try help("Module.register").output
        #expect(register.contains("register(buffer:_:stored:)"))
        #expect(register.contains("register(parameter:_:stored:positions:)"))
        let unknown = try help("Linea")
        #expect(unknown.status == 64 && unknown.errors.contains("did you mean 'Linear'?"), "\(unknown.errors)")
        // The pages lie next to the guides, too.
        let page = share.appendingPathComponent("docs/swift/KitModel.md")
        #expect(try String(contentsOf: page, encoding: .utf8).contains("\n## Linear\n"))
    }
}
