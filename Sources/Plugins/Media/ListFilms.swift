import Foundation
import Kit

/// `kit.media.list_films { path = "films" }`.
final class ListFilms: MediaFunction {
    static let name = "list_films"
    static let summary =
        "The films in a folder and its sub-folders, in the order of their names: a list of tables with name, the path in "
        + "the folder, and path. Sound files are left out, as are files that cannot be films, with a warning."
    static let returns: any OptionConvertible.Type = [Options].self

    @Param("A folder, or one film.") var path: String

    init() {}

    func construct() throws -> Any {
        OptionValue.list(
            try Self.films(path, RunLog.current).map { film in
                .table(Options(named: [("name", .string(film.name)), ("path", .string(film.source.path!))]))
            })
    }

    /// The films at a path, with their names for messages and for a folder of new films.
    static func films(_ path: String, _ log: RunLog) throws -> [(name: String, source: ClipSource)] {
        let prefix = URL(fileURLWithPath: path).path + "/"
        let list = try FilmFolder.list(path)
        for line in SkippedFile.lines(list.skipped) { try log.warning("skipped: \(line)") }
        let films = list.sources.compactMap { source -> (name: String, source: ClipSource)? in
            guard let path = source.path, Container.ending(of: path)?.isSound == false else { return nil }
            let isInside = path.hasPrefix(prefix)
            return (isInside ? String(path.dropFirst(prefix.count)) : (path as NSString).lastPathComponent, source)
        }
        guard films.isEmpty else { return films }
        // A file given alone is listed whatever it is.
        let isAlone = list.sources.count == 1 && list.sources[0].path == FileName.existing(path)
        guard isAlone else { throw KitError(.noInput, "\(path): no films there, only sound files") }
        let isSound = Container.ending(of: path)?.isSound == true
        throw KitError(
            .noInput,
            "\(path): is \(isSound ? "a sound file, not a film" : "not a film"): expected a folder of films, or one film"
        )
    }
}

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(ListFilms.self) }
