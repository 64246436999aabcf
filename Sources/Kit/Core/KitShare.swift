import Glibc

/// The recipes, samples and guides that come with the program. `make install` puts them into `share/dubkit`, next to
/// the folder of the program; a program built in a checkout uses those of the checkout.
public enum KitShare {
    /// The folder; nil if the program was installed without them.
    public static var folder: String? {
        guard let program = try? PluginKit.programPath() else { return nil }
        let installed = "\(PluginKit.parent(of: PluginKit.parent(of: program)))/share/dubkit"
        let places =
            [installed] + (program.firstRange(of: "/.build/").map { [String(program[..<$0.lowerBound])] } ?? [])
        return places.first { exists("\($0)/scripts") }
    }

    /// The lines about its contents for `dubkit doctor`.
    public static var findings: [DoctorFinding] {
        [("recipes", "scripts"), ("samples", "samples"), ("guides", "docs/guide")].map { subject, name in
            if let place = folder.map({ "\($0)/\(name)" }), exists(place) { return DoctorFinding(subject, place) }
            return DoctorFinding(subject, "none next to this program: 'make install PREFIX=...' puts them there")
        }
    }

    /// A hint for the message that nothing exists at a path: how to get the kit's own file of that name. Empty if the
    /// kit has none.
    public static func hint(for path: String) -> String {
        let path = path.hasPrefix("./") ? String(path.dropFirst(2)) : path
        guard let folder, let first = path.split(separator: "/").first, !path.hasPrefix("/"), !path.hasPrefix("."),
            exists("\(folder)/\(path)")
        else { return "" }
        // The hint never suggests copying into a folder that the user already has.
        return exists(String(first))
            ? "; the kit has it at \(folder)/\(path)" : "; the kit has it: 'cp -R \(folder)/\(first) .' copies it here"
    }

    private static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }
}
