import ArgumentParser
import Kit

/// The plugins in files that a command loads before it begins.
struct PluginOptions: ParsableArguments {
    @Option(
        name: .customLong("plugin"),
        help:
            "A plugin's file, or a folder of such, to load beside those of DUBKIT_PLUGIN_PATH; may be given several times.",
        completion: .file())
    var paths: [String] = []

    func load() throws {
        try PluginFile.loadSearchPath()
        for path in paths { try PluginFile.load(path) }
    }
}
