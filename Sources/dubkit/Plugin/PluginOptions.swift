import ArgumentParser
import Kit

/// The plugin files that a command loads before it starts.
struct PluginOptions: ParsableArguments {
    @Option(
        name: .customLong("plugin"),
        help:
            "A plugin file, or a folder of them, to load in addition to DUBKIT_PLUGIN_PATH; may be given several times.",
        completion: .file())
    var paths: [String] = []

    func load() throws {
        try PluginFile.loadSearchPath()
        for path in paths { try PluginFile.load(path) }
    }
}
