namespace Cencori.Edge.Dashboard;

/// <summary>
/// What a page says has been done before it. An address names it by a word of this list, so that nobody can make a page say something else by a link.
/// </summary>
public static class Notices
{
    private static readonly Dictionary<string, string> Texts = new(StringComparer.Ordinal)
    {
        ["saved"] = "Saved.",
        ["project-created"] = "The project has been created.",
        ["project-deleted"] = "The project has been deleted.",
        ["webhook-took-test"] = "The webhook took the test.",
        ["webhook-refused-test"] = "The webhook did not take the test. The list of alerts says why.",
        ["alert-resent"] = "The webhook took the alert.",
        ["alert-not-resent"] = "The webhook did not take the alert. The list of alerts says why.",
        ["signed-out"] = "You are signed out.",
    };

    /// <returns>Null: there is no such word.</returns>
    public static string? Text(string? word) => word is not null && Texts.TryGetValue(word, out var text) ? text : null;
}
