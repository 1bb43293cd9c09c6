using System.Text.RegularExpressions;

namespace Cencori.Edge.Tests.Architecture;

/// <summary>A search for an event id in logs must find one event only, whichever part of the edge wrote it.</summary>
public sealed partial class EventIdTests
{
    [Fact]
    public void No_two_events_have_the_same_number()
    {
        var ids = FolderTests.SourceTexts.SelectMany(text => Event().Matches(text)).Select(match => match.Groups[1].Value).ToList();

        Assert.True(ids.Count > 40, $"Only {ids.Count} event ids were found.");
        Assert.DoesNotContain("", ids);
        Assert.Empty(ids.GroupBy(id => id).Where(events => events.Count() > 1).Select(events => events.Key));
    }

    // Without a number the compiler derives one from the method's name.
    [GeneratedRegex(@"\[LoggerMessage\((?:EventId = )?(\d*)")]
    private static partial Regex Event();
}
