import ArgumentParser
import Kit
import Plugins

struct DataPackCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pack",
        abstract: "Pack films or sounds into tar files, as the Python package webdataset reads them.",
        discussion: """
            Each film becomes one sample of OUT/films-000000.tar and so on: its file, the sounds, subtitles and text next to \
            it, and a .json with its labels and its line of the manifest. Nothing is decoded. OUT appears when all of it is \
            complete. 'kit.dataset.films' and all commands that take a folder of films read it.
            """)

    @Argument(help: "Folder of films, manifest (.jsonl, .csv), tar files, or one film.", completion: .file())
    var path: String

    @Option(name: .shortAndLong, help: "The folder to write: a new or an empty one.", completion: .directory)
    var out: String

    @Option(help: "Samples in a tar file, at most.")
    var samples: Int = TarPacking.standardSamples

    @Option(help: "Size of a tar file in MB, at most, unless one sample is larger.")
    var megabytes: Int = TarPacking.standardMegabytes

    @Option(help: "Beginning of the tar files' names.")
    var prefix: String = TarPacking.standardPrefix

    @Option(help: "Seed of a random order of the samples; without it, they keep theirs.")
    var seed: Int?

    @Option("data_root", of: Films.self, completion: .directory) var dataRoot: String?

    func run() throws {
        let films = try Manifest.list(path, dataRoot: OptionFlag("data_root", of: Films.self).setting(dataRoot))
        var packing = TarPacking(films)
        (packing.mostSamples, packing.mostMegabytes, packing.prefix, packing.seed) = (samples, megabytes, prefix, seed)
        let result = try packing.write(to: out)
        let skipped = SkippedFile.lines(films.skipped).map { "skipped: \($0)\n" }.joined()
        let sources = result.sources == result.samples ? "" : " of \(counted(result.sources, "source"))"
        try StandardStreams.show(
            "\(skipped)\(out): \(counted(result.samples, "sample"))\(sources) in \(counted(result.tars.count, "tar file")), "
                + "\(result.bytes) bytes")
    }
}
