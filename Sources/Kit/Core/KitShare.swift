import Glibc

/// What comes with the program beside its libraries: recipes, samples and guides. They lie in `share/dubkit`, beside the folder
/// of the program, as `make install` puts them there; for a program that was built in a checkout, in the checkout.
public enum KitShare {
    /// The folder; nil if the program came alone.
    public static var folder: String? {
        guard let program = try? PluginKit.programPath() else { return nil }
        let installed = "\(PluginKit.parent(of: PluginKit.parent(of: program)))/share/dubkit"
        let places =
            [installed] + (program.firstRange(of: "/.build/").map { [String(program[..<$0.lowerBound])] } ?? [])
        return places.first { exists("\($0)/scripts") }
    }

    /// What it holds, for `dubkit doctor`.
    public static var findings: [HealthFinding] {
        [("recipes", "scripts"), ("samples", "samples"), ("guides", "docs/guide")].map { subject, name in
            if let place = folder.map({ "\($0)/\(name)" }), exists(place) { return HealthFinding(subject, place) }
            return HealthFinding(subject, "none beside this program: 'make install PREFIX=...' puts them there")
        }
    }

    /// What to add to a message that there is nothing at a path: how to get what the kit has under that very name; empty if
    /// it has nothing there.
    public static func hint(for path: String) -> String {
        let path = path.hasPrefix("./") ? String(path.dropFirst(2)) : path
        guard let folder, let first = path.split(separator: "/").first, !path.hasPrefix("/"), !path.hasPrefix("."),
            exists("\(folder)/\(path)")
        else { return "" }
        // A folder of that name that is the user's own is not written into.
        return exists(String(first))
            ? "; the kit has it at \(folder)/\(path)" : "; the kit has it: 'cp -R \(folder)/\(first) .' copies it here"
    }

    private static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }
}
