using System.Buffers;
using Cencori.Edge.Records;
using Cencori.Edge.Records.Spool;
using Cencori.Edge.Storage.Requests;
using Cencori.Edge.Tests.Infrastructure;
using CsCheck;

namespace Cencori.Edge.Tests.Records.Spool;

/// <summary>Unreadable parts of a spool are set aside and lose no readable record.</summary>
public sealed class SpoolDamageTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("edge-spool-");

    [Fact]
    public void A_changed_byte_loses_only_the_record_that_contains_it() =>
        Gen.Select(Some.AnyRecord.Array[1, 6], Gen.Double.Unit, Gen.Byte[1, 255]).Sample(
            (records, where, change) =>
            {
                var (frames, pending) = Frames(records);
                var file = frames.SelectMany(frame => frame).ToArray();
                var at = (int)(where * file.Length);
                file[at] ^= change;
                var hit = frames.Select((frame, index) => frames.Take(index + 1).Sum(before => before.Length)).TakeWhile(end => end <= at).Count();

                AssertDrained([.. pending.Where((_, index) => index != hit)], reserved: frames[hit].Length, file);
            },
            iter: 300,
            threads: 1);

    [Fact]
    public void A_truncated_file_has_all_records_before_the_cut() =>
        Gen.Select(Some.AnyRecord.Array[1, 6], Gen.Double.Unit).Sample(
            (records, where) =>
            {
                var (frames, pending) = Frames(records);
                var file = frames.SelectMany(frame => frame).ToArray();
                var cut = (int)(where * file.Length);
                var whole = frames.Select((frame, index) => frames.Take(index + 1).Sum(before => before.Length)).TakeWhile(end => end <= cut).Count();

                AssertDrained(pending[..whole], reserved: cut - frames.Take(whole).Sum(frame => frame.Length), file[..cut]);
            },
            iter: 300,
            threads: 1);

    [Fact]
    public void Records_are_found_between_garbage() =>
        Gen.Select(Some.AnyRecord.Array[1, 4], Gen.OneOf(Gen.Byte.Array[0, 200], Gen.OneOfConst<byte>(0xFE, (byte)'r', (byte)'e', (byte)'c', 1, 0).Array[0, 200])).Sample(
            (records, garbage) =>
            {
                var (frames, pending) = Frames(records);
                AssertDrained(pending, reserved: garbage.Length * (frames.Count + 1), [.. garbage, .. frames.SelectMany(frame => frame.Concat(garbage))]);
            },
            iter: 200,
            threads: 1);

    [Fact]
    public void Garbage_larger_than_one_read_is_skipped()
    {
        var (frames, pending) = Frames([Some.Record(at: DateTimeOffset.UnixEpoch), Some.Record(at: DateTimeOffset.UnixEpoch)]);
        var garbage = Enumerable.Range(0, 3_000_000).Select(number => (byte)(number * 7)).ToArray();
        AssertDrained(pending, garbage.Length, [.. frames[0], .. garbage, .. frames[1]]);
    }

    [Fact]
    public void A_frame_of_another_version_is_set_aside_and_its_neighbours_are_read() => Some.AnyRecord.Array[3].Sample(
        records =>
        {
            var (frames, pending) = Frames(records);
            SpoolFrame.Close(frames[1], version: 2);
            AssertDrained([pending[0], pending[2]], frames[1].Length, [.. frames.SelectMany(frame => frame)]);
        },
        iter: 20,
        threads: 1);

    [Fact]
    public void A_file_that_is_not_a_spool_is_set_aside()
    {
        var file = Path.Combine(_directory.FullName, "not-a-writer.spool");
        File.WriteAllText(file, "12345");
        var reserved = new List<long>();

        Assert.Empty(RecordSpool.TakeOver(_directory.FullName, reserved.Add));
        Assert.Equal([5], reserved);
        Assert.Equal("12345", File.ReadAllText(file + UnreadableSpool.Extension));
    }

    [Fact]
    public void Only_the_newest_unreadable_files_are_kept()
    {
        for (var number = 0; number < 40; number++)
        {
            var file = Path.Combine(_directory.FullName, $"{number}.spool");
            UnreadableSpool.Append(file, new byte[3]);
            File.SetLastWriteTimeUtc(file + UnreadableSpool.Extension, DateTime.UnixEpoch.AddDays(number));
        }

        UnreadableSpool.Append(Path.Combine(_directory.FullName, "last.spool"), new byte[3]);
        var kept = _directory.GetFiles();
        Assert.Equal(UnreadableSpool.MaxFiles, kept.Length);
        Assert.Contains(kept, file => file.Name.StartsWith("last", StringComparison.Ordinal));
        Assert.DoesNotContain(kept, file => file.Name.StartsWith("0.", StringComparison.Ordinal));
    }

    public void Dispose() => RunDirectory.Delete(_directory.FullName);

    private static (List<byte[]> Frames, PendingRecord[] Pending) Frames(RequestRecord[] records)
    {
        PendingRecord[] pending = [.. records.Select((record, index) => new PendingRecord(record, index + 1, index % 2 == 0))];
        return (pending.Select(record =>
        {
            var frame = new ArrayBufferWriter<byte>();
            SpoolFrame.Write(frame, record);
            return frame.WrittenSpan.ToArray();
        }).ToList(), pending);
    }

    private void AssertDrained(PendingRecord[] expected, long reserved, byte[] file)
    {
        var path = Path.Combine(_directory.FullName, "0000000000000001.spool");
        var aside = new FileInfo(path + UnreadableSpool.Extension);
        aside.Delete();
        File.WriteAllBytes(path, file);
        using var spool = Assert.Single(RecordSpool.TakeOver(_directory.FullName));
        var (drained, passed) = (new List<PendingRecord>(), 0L);
        while (!spool.IsEmpty)
        {
            var records = spool.Read(100, out var bytes);
            if (records.Length == 0)
            {
                passed += spool.Quarantine();
                continue;
            }

            drained.AddRange(records);
            spool.Remove(bytes);
        }

        Assert.Equivalent(expected, drained, strict: true);
        aside.Refresh();
        Assert.Equal((reserved, reserved), (passed, aside.Exists ? aside.Length : 0));
        File.Delete(path);
    }
}
