using System.Globalization;

namespace Cencori.Edge.Bench.Quality;

/// <summary>What an assistant may remember, and questions with the entries that answer them: made for this benchmark.</summary>
/// <param name="Entries">Each with an id of its own.</param>
/// <param name="Questions">Each with one relevant entry at least.</param>
internal sealed record LabelledSet(IReadOnlyList<Entry> Entries, IReadOnlyList<Question> Questions)
{
    /// <summary>Reads <c>entries.tsv</c> and <c>questions.tsv</c>, which stand beside the program.</summary>
    /// <exception cref="InvalidDataException">A question names an entry that is not there.</exception>
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
/// <param name="Text">As somebody would ask it.</param>
/// <param name="Grades">By the ids of relevant entries: 2 answers it, 1 has something to do with it.</param>
internal sealed record Question(string Text, IReadOnlyDictionary<string, int> Grades);
