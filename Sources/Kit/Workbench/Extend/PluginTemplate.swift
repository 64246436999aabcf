import KitCore

/// The start of a new plugin of one kind: a Swift file, a test and an example in Lua, all of which work unchanged.
///
/// The files of a kind follow each other in `Templates`, each below a line `==> name`.
public struct PluginTemplate {
    /// The kinds with a template: the only list of them.
    private static let all: [(kind: String, text: [UInt8])] = [
        ("augmentation", PackageResources.augmentation_txt), ("encoder", PackageResources.encoder_txt),
        ("loss", PackageResources.loss_txt), ("metric", PackageResources.metric_txt),
        ("optimizer", PackageResources.optimizer_txt), ("sampler", PackageResources.sampler_txt),
        ("schedule", PackageResources.schedule_txt), ("separator", PackageResources.separator_txt),
    ]

    public static var kinds: [String] { all.map(\.kind) }

    private let text: String

    static func find(_ kind: String) throws -> PluginTemplate {
        guard let found = all.first(where: { $0.kind == kind }) else {
            throw KitError.usage(
                "plugin new: there is no template for kind '\(kind)'\(NearestName.hint(kind, in: kinds)) "
                    + "(there are: \(kinds.joined(separator: ", ")))")
        }
        return PluginTemplate(text: String(decoding: found.text, as: UTF8.self))
    }

    /// The files of a new plugin with their content.
    func files(kind: String, name: String) -> [(name: String, text: String)] {
        let words = ["{{name}}": name, "{{Type}}": Self.typeName(kind: kind, name: name)]
        let filled = words.reduce(text) { $0.replacing($1.key, with: $1.value) }
        return filled.split(separator: "==> ").map { part in
            let end = part.firstIndex(of: "\n") ?? part.endIndex
            return (String(part[..<end]), String(part[end...].dropFirst()))
        }
    }

    /// "SoftCosineLoss" for the loss soft_cosine or soft_cosine_loss; never the name of a type of the kit.
    private static func typeName(kind: String, name: String) -> String {
        func camel(_ text: String) -> String {
            text.split(separator: "_").map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined()
        }
        let (own, suffix) = (camel(name), camel(kind))
        return own.hasSuffix(suffix) && own != suffix ? own : own + suffix
    }
}
