using Cencori.Edge.Tests.Infrastructure;

namespace Cencori.Edge.Tests.Architecture;

/// <summary>Tests do not sleep without a reason: sleeps make a test suite slow and flaky.</summary>
public sealed class SleepTests
{
    [Fact]
    public void No_test_sleeps_without_a_reason()
    {
        string[] sleeps = [$"Task.{nameof(Task.Delay)}(", $"Thread.{nameof(Thread.Sleep)}("];
        var asleep = FolderTests.TestSources.Where(file => !file.Contains($"{Path.DirectorySeparatorChar}Infrastructure{Path.DirectorySeparatorChar}", StringComparison.Ordinal))
            .Where(file => sleeps.Any(sleep => File.ReadAllText(file).Contains(sleep, StringComparison.Ordinal)));

        Assert.True(FolderTests.TestSources.Length > 100);
        Assert.Empty(asleep.Select(file => $"{file}: use {nameof(Eventually)}, a clock that is moved by hand, or {nameof(RealTime)} with a reason."));
    }
}
