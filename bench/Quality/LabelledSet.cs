using System.Globalization;

namespace Cencori.Edge.Bench.Quality;

/// <summary>Entries that an assistant may remember, and questions with their relevant entries, written for this benchmark.</summary>
/// <param name="Entries">Each has a unique id.</param>
/// <param name="Questions">Each has at least one relevant entry.</param>
internal sealed record LabelledSet(IReadOnlyList<Entry> Entries, IReadOnlyList<Question> Questions)
{
    /// <summary>Reads <c>entries.tsv</c> and <c>questions.tsv</c> from the program's directory.</summary>
    /// <exception cref="InvalidDataException">A question names an entry that does not exist.</exception>
    public static LabelledSet Read()
    {
        var entries = Lines("entries.tsv").Select(columns => new Entry(columns[0], columns[1])).ToList();
        var questions = Lines("questions.tsv").Select(columns => new Question(columns[0], Grades(columns[1]))).ToList();
        var unknown = questions.SelectMany(question => question.Grades.Keys).Except(entries.Select(entry => entry.Id)).ToList();
        return unknown.Count == 0 ? new LabelledSet(entries, questions) : throw new InvalidDataException($"There are no entries {string.Join(", ", unknown)}.");
    }

    private static IEnumerable<string[]> Lines(string name) =>
        File.ReadLines(Path.Combine(AppContext.BaseDirectory, name)).Select(line => line.Split('\t'));

    private static Dictionary<string, int> Grades(string column) =>
        column.Split(' ').Select(grade => grade.Split(':')).ToDictionary(grade => grade[0], grade => int.Parse(grade[1], CultureInfo.InvariantCulture));
}

/// <summary>One entry of a memory.</summary>
internal sealed record Entry(string Id, string Text);

/// <summary>A question.</summary>
/// <param name="Text">As a person would ask.</param>
/// <param name="Grades">By entry id: 2 answers the question, 1 is related to it.</param>
internal sealed record Question(string Text, IReadOnlyDictionary<string, int> Grades);
