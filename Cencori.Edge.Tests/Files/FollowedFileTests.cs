using Cencori.Edge.Files;
using Cencori.Edge.Storage.Startup;
using Cencori.Edge.Tests.Infrastructure;
using Microsoft.Extensions.Time.Testing;

namespace Cencori.Edge.Tests.Files;

public sealed class FollowedFileTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("followed-").FullName;

    // An hour later than the file's last write, because a poll rereads a file that was written within the last two seconds.
    private readonly FakeTimeProvider _clock = new(TimeProvider.System.GetUtcNow().AddHours(1));
    private readonly List<string> _used = [];
    private readonly List<Exception> _refused = [];
    private readonly FollowedFile _file;

    public FollowedFileTests() => _file = new FollowedFile(Place, _clock);

    private string Place => Path.Combine(_directory, "settings.json");

    public void Dispose()
    {
        _file.Dispose();
        RunDirectory.Delete(_directory);
    }

    [Fact]
    public void A_change_is_used_when_two_polls_see_the_same_content()
    {
        Begin("one");
        Write("tw");
        Look();
        Write("two");
        Look();
        Assert.Equal(["one"], _used);

        Look();
        Look();
        Assert.Equal(["one", "two"], _used);
    }

    [Fact]
    public void Invalid_content_is_rejected_once_and_the_next_change_is_used()
    {
        Begin("one");
        Write("bad");
        LookOften();
        Assert.Equal("bad", Assert.Single(_refused).Message);

        Write("two");
        LookOften();
        Assert.Equal(["one", "two"], _used);
    }

    [Fact]
    public void A_missing_file_is_rejected_once_and_used_again_when_it_returns_unchanged()
    {
        Begin("one");
        File.Delete(Place);
        LookOften();
        Assert.Single(_refused);

        Write("one");
        LookOften();
        Assert.Equal(["one", "one"], _used);
        Assert.Single(_refused);
    }

    [Fact]
    public void An_unchanged_file_is_not_read_again()
    {
        Begin("one");

        // Hides the write by keeping the file's length and time. In practice, only a write directly after a poll could leave both unchanged.
        var writtenAt = File.GetLastWriteTimeUtc(Place);
        Write("two");
        File.SetLastWriteTimeUtc(Place, writtenAt);
        LookOften();

        Assert.Equal(["one"], _used);
    }

    [Fact]
    public void A_write_that_keeps_the_files_time_is_seen_if_it_directly_follows_the_last_poll()
    {
        Begin("one");
        var writtenAt = _clock.GetUtcNow().AddHours(1);
        File.SetLastWriteTimeUtc(Place, writtenAt.UtcDateTime);
        Look();

        Write("two");
        File.SetLastWriteTimeUtc(Place, writtenAt.UtcDateTime);
        LookOften();

        Assert.Equal(["one", "two"], _used);
    }

    [Fact]
    public void A_link_to_another_file_of_the_same_time_and_length_is_a_change()
    {
        var (first, second) = (Path.Combine(_directory, "first"), Path.Combine(_directory, "second"));
        foreach (var (place, content) in new[] { (first, "one"), (second, "two") })
        {
            File.WriteAllText(place, content);
            File.SetLastWriteTimeUtc(place, DateTime.UnixEpoch);
        }

        File.CreateSymbolicLink(Place, first);
        _file.Follow(Use, _refused.Add);
        File.Delete(Place);
        File.CreateSymbolicLink(Place, second);
        LookOften();

        Assert.Equal(["one", "two"], _used);
    }

    [Fact]
    public void A_changed_target_of_a_link_is_a_change()
    {
        var behind = Path.Combine(_directory, "behind");
        File.WriteAllText(behind, "one");
        File.CreateSymbolicLink(Place, behind);
        _file.Follow(Use, _refused.Add);
        File.WriteAllText(behind, "another");
        LookOften();

        Assert.Equal(["one", "another"], _used);
    }

    [Theory]
    [InlineData("bad")]
    [InlineData(null)]
    public void A_file_that_is_invalid_at_the_start_is_a_fault_that_names_the_file(string? content)
    {
        if (content is not null)
        {
            Write(content);
        }

        var fault = Assert.Throws<StartupException>(() => _file.Follow(Use, _refused.Add));
        Assert.StartsWith($"settings.json: cannot use '{Place}': ", fault.Message, StringComparison.Ordinal);
    }

    private void Begin(string content)
    {
        Write(content);
        _file.Follow(Use, _refused.Add);
    }

    private void Write(string content) => File.WriteAllText(Place, content);

    private void Use(byte[] content)
    {
        var text = System.Text.Encoding.UTF8.GetString(content);
        _used.Add(text == "bad" ? throw new FormatException(text) : text);
    }

    private void Look() => _clock.Advance(FollowedFile.PollInterval);

    private void LookOften()
    {
        for (var look = 0; look < 4; look++)
        {
            Look();
        }
    }
}
