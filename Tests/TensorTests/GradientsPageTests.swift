import Foundation
import TestSupport
import Testing

/// docs/gradients.md, which the catalogue of ops gives; `make gradients` writes it.
@Suite struct GradientsPageTests {
    @Test func thePageIsWhatTheCatalogueGives() throws {
        let file = Fixtures.repository.appendingPathComponent("docs/gradients.md")
        let page = Self.page()
        if ProcessInfo.processInfo.environment["DUBKIT_WRITE_PAGES"] != nil {
            try Data(page.utf8).write(to: file)
        }
        #expect(
            try String(contentsOf: file, encoding: .utf8) == page,
            "docs/gradients.md is out of date: run 'make gradients' and commit the result")
    }

    @Test func everyInputHasAGradient() {
        for op in Op.all {
            guard let formula = op.formula else { continue }
            #expect(formula.gradients.count == op.shapes(3).count, "\(op.name)")
        }
    }

    /// Ops that name themselves in the source; those named by a variable are their siblings.
    @Test func everyOpIsInTheCatalogue() throws {
        let names = Set(Op.all.map(\.name))
        let sources = Fixtures.repository.appendingPathComponent("Sources/Kit/Tensor")
        let files = FileManager.default.enumerator(at: sources, includingPropertiesForKeys: nil)
        for case let file as URL in try #require(files) where file.pathExtension == "swift" {
            let text = try String(contentsOf: file, encoding: .utf8)
            for match in text.matches(of: /(?:recorded|viewed)\(\s*"(\w+)"/) {
                #expect(names.contains(String(match.1)), "\(file.lastPathComponent) has the op '\(match.1)'")
            }
        }
    }

    private static func page() -> String {
        var lines = [
            "# Gradients at a glance", "",
            "The value y of every differentiable op, and the gradient of each input from dy, the gradient of y. The catalogue",
            "of ops in `Tests/TensorTests` gives this page, and its tests compare every row, and every further form, with finite",
            "differences.", "",
            "Products are element by element, except those of matrices in *Products*, *Convolutions and pooling* and *Losses*.",
            "Σ runs over what the op reduces; \"where\" leaves 0 elsewhere. The gradient of an input that was broadcast is summed",
            "over its repeats.",
        ]
        for (title, ops) in Op.families {
            lines += ["", "## \(title)", "", "| op | value | gradients | also checked |", "|---|---|---|---|"]
            var index = 0
            while index < ops.count {
                let op = ops[index]
                let forms = ops[(index + 1)...].prefix { $0.formula == nil }
                let gradients = op.formula?.gradients.map { "`\($0)`" }.joined(separator: "<br>") ?? ""
                lines.append(
                    "| \(op.name) | `\(op.formula?.value ?? "")` | \(gradients) | "
                        + "\(forms.map(\.name).joined(separator: "; ")) |")
                index += 1 + forms.count
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }
}
