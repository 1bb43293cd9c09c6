using System.Text;
using System.Text.Json;
using Cencori.Edge.Memory;
using Cencori.Edge.Memory.Acceleration;
using Cencori.Edge.Memory.Search;
using Cencori.Edge.Tests.Infrastructure;
using CsCheck;

namespace Cencori.Edge.Tests.Memory;

/// <summary>A scan finds the same entries as a reference that compares all vectors.</summary>
public sealed class VectorSearchTests
{
    [Theory]
    [InlineData(1_000, 384)]
    [InlineData(1_000, 1_536)]
    [InlineData(10_000, 384)]
    [Trait(SlowestTests.Trait, "The reference compares ten thousand vectors in double precision.")]
    public void A_scan_finds_the_same_as_a_reference(int count, int dimensions)
    {
        var random = new Random(20261129);
        var vectors = Enumerable.Range(0, count).Select(_ => Unit(random, dimensions)).ToArray();
        var set = VectorSet.Empty(dimensions, 0, 1);
        for (var i = 0; i < count; i++)
        {
            set.Add(i, long.MaxValue, null, Vectors.ToBytes(vectors[i]));
        }

        for (var times = 0; times < 10; times++)
        {
            var query = Unit(random, dimensions);
            var best = new TopMemories(10, 0);
            set.Scan(query, null, 0, best);
            var expected = vectors.Select((vector, i) => (i, Similarity: vector.Zip(query, (a, b) => (double)a * b).Sum())).OrderByDescending(pair => pair.Similarity).Take(10).ToList();
            Assert.Equal(expected.Select(pair => (long)pair.i), best.Take().Select(found => found.Number));
        }
    }

    [Fact]
    public void Sets_at_different_revisions_do_not_disturb_each_other() => Gen.Int[1, 200].Array[1, 12].Sample(sizes =>
    {
        const int Dimensions = 3;
        var (set, existing) = (VectorSet.Empty(Dimensions, 0, 0), new HashSet<long>());
        var seen = new List<(VectorSet Set, HashSet<long> There)>();
        var next = 0L;
        for (var revision = 1; revision <= sizes.Length; revision++)
        {
            set = set.At(revision);
            for (var i = 0; i < sizes[revision - 1]; i++, next++)
            {
                existing.Add(next);
                set.Add(next, next % 7 == 0 ? 50 : long.MaxValue, null, Vectors.ToBytes([1, 0, 0]));
            }

            if (revision % 3 == 0)
            {
                existing.RemoveWhere(number => number % 5 == 0);
                set.MarkDeletedExcept(existing);
            }

            seen.Add((set, [.. existing]));
        }

        foreach (var (old, expected) in seen)
        {
            var best = new TopMemories(10_000, 0);
            old.Scan([1, 0, 0], null, 100, best);
            Assert.Equal(expected.Where(number => number % 7 != 0).Order(), best.Take().Select(found => found.Number).Order());
        }
    }, iter: 200);

    [Fact]
    public void The_best_are_kept_and_ties_are_broken_by_number() => Gen.Int[0, 5].Array[0, 60].Sample(values =>
    {
        var best = new TopMemories(7, 0.2);
        for (var i = 0; i < values.Length; i++)
        {
            best.Offer(i, values[i] / 5.0);
        }

        var expected = values.Select((value, i) => (Number: (long)i, Similarity: value / 5.0)).Where(pair => pair.Similarity >= 0.2).OrderByDescending(pair => pair.Similarity).ThenByDescending(pair => pair.Number).Take(7);
        Assert.Equal(expected, best.Take());
    });

    [Fact]
    public void Normalizing_refuses_zero_and_non_finite_vectors_and_gives_length_one() => Gen.Float.Array[1, 20].Sample(values =>
    {
        var vector = values.ToArray();
        if (!Vectors.TryNormalize(vector))
        {
            Assert.True(values.All(value => value == 0) || values.Any(value => !float.IsFinite(value)));
            return;
        }

        Assert.Equal(1, Math.Sqrt(vector.Sum(value => (double)value * value)), 3);
    });

    [Fact]
    public void A_filter_matches_as_a_reference_does() => Gen.Select(GenMetadata, GenFilter).Sample((metadata, filter) =>
    {
        using var document = JsonDocument.Parse(filter);
        Assert.Null(MemoryFilter.Read(document.RootElement, out var read));
        using var data = JsonDocument.Parse(metadata);
        var holds = document.RootElement.EnumerateObject().All(term => Holds(data.RootElement, term));
        Assert.Equal(holds, read is null || read.Matches(Encoding.UTF8.GetBytes(metadata)));

        // The terms that a database compares give the same result.
        Assert.Equal(holds, read is null || read.Terms.All(values => values.Intersect(MetadataTerms.Of(metadata)).Any()));
    }, iter: 20_000);

    private static readonly Gen<string> GenScalar = Gen.OneOfConst("\"a\"", "\"b\"", "\"\\u0061\"", "1", "1.0", "2", "true", "false", "\"1\"", "\"é\"");

    private static readonly Gen<string> GenName = Gen.OneOfConst("x", "y", "é");

    private static readonly Gen<string> GenMetadata = Gen.Select(GenName, Gen.OneOf(GenScalar, GenScalar.Array[0, 3].Select(all => $"[{string.Join(',', all.Where(one => one[0] == '"'))}]"), Gen.Const("null")))
        .Array[0, 3].Select(all => $"{{{string.Join(',', all.DistinctBy(pair => pair.Item1).Select(pair => $"\"{pair.Item1}\":{pair.Item2}"))}}}");

    private static readonly Gen<string> GenFilter = Gen.Select(GenName, Gen.OneOf(GenScalar, GenScalar.Select(one => $"{{\"eq\":{one}}}"), GenScalar.Array[1, 3].Select(all => $"{{\"$in\":[{string.Join(',', all)}]}}")))
        .Array[0, 2].Select(all => $"{{{string.Join(',', all.DistinctBy(pair => pair.Item1).Select(pair => $"\"{pair.Item1}\":{pair.Item2}"))}}}");

    private static bool Holds(JsonElement metadata, JsonProperty term)
    {
        if (!metadata.TryGetProperty(term.Name, out var value))
        {
            return false;
        }

        var requested = term.Value.ValueKind != JsonValueKind.Object ? [term.Value]
            : term.Value.TryGetProperty("eq", out var one) ? [one]
            : term.Value.GetProperty("$in").EnumerateArray().ToList();
        var values = value.ValueKind == JsonValueKind.Array ? value.EnumerateArray().ToList() : [value];
        return values.Exists(has => requested.Exists(wants => has.ValueKind == wants.ValueKind && JsonElement.DeepEquals(has, wants)));
    }

    private static float[] Unit(Random random, int dimensions)
    {
        var vector = new float[dimensions];
        for (var i = 0; i < dimensions; i++)
        {
            vector[i] = (float)(random.NextDouble() - 0.5);
        }

        Assert.True(Vectors.TryNormalize(vector));
        return vector;
    }
}
