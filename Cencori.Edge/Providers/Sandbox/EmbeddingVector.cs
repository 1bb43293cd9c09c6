using System.Buffers.Binary;
using System.Text.Json;

namespace Cencori.Edge.Providers.Sandbox;

/// <summary>
/// A text as a vector of length 1, by feature hashing: texts with common words, or common parts of words as with typing errors, are similar, and
/// others are orthogonal. Synonyms are not recognised.
/// The vector of a text is never zero, and is the same in every process and on every machine.
/// </summary>
internal readonly struct EmbeddingVector
{
    // Weights relative to the weight of a word, which is 1. Clients store vectors: after a change of a weight, they must embed all texts again.
    private const float PiecesOfWord = 1.2f;
    private const float OneIdeograph = 0.5f;
    private const float CommonWord = 0.15f;
    private const int PieceLength = 3;

    private readonly float[] _values;

    private EmbeddingVector(float[] values)
    {
        _values = values;
    }

    public ReadOnlySpan<float> Values => _values;

    public static EmbeddingVector Of(string text, int dimensions)
    {
        var values = new float[dimensions];
        using (var terms = EmbeddedTerms.Of(text))
        {
            for (var i = 0; i < terms.Count;)
            {
                var first = i;
                while (i < terms.Count && terms.Hash(i) == terms.Hash(first))
                {
                    i++;
                }

                Add(values, terms, first, times: i - first);
            }
        }

        Normalize(values, text);
        return new EmbeddingVector(values);
    }

    public void Write(Utf8JsonWriter json, bool asBase64)
    {
        if (asBase64)
        {
            var bytes = new byte[_values.Length * sizeof(float)];
            for (var i = 0; i < _values.Length; i++)
            {
                BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(i * sizeof(float)), _values[i]);
            }

            json.WriteBase64StringValue(bytes);
            return;
        }

        json.WriteStartArray();
        foreach (var value in _values)
        {
            json.WriteNumberValue(value);
        }

        json.WriteEndArray();
    }

    private static void Add(float[] values, EmbeddedTerms terms, int term, int times)
    {
        var weight = Saturated(times);
        var hash = terms.Hash(term);
        var text = terms.Text(term);
        if (!terms.IsWord(term))
        {
            AddFeature(values, hash, text.Length == 1 ? weight * OneIdeograph : weight);
            return;
        }

        weight *= FeatureHash.IsCommon(hash) ? CommonWord : 1;
        AddFeature(values, hash, weight);
        var pieces = text.Length - PieceLength + 1;
        var each = weight * PiecesOfWord / MathF.Sqrt(pieces);
        for (var i = 0; i < pieces; i++)
        {
            AddFeature(values, FeatureHash.Of(text.Slice(i, PieceLength)), each);
        }
    }

    // The weight of a repeated term, as in BM25: a hundred repeats count little more than a few. Only basic arithmetic, because the platform's math library may differ.
    private static float Saturated(int times) => times * 2.2f / (times + 1.2f);

    private static void AddFeature(float[] values, ulong hash, float weight) =>
        values[Place(hash, values.Length)] += (hash & 1) == 0 ? weight : -weight;

    private static int Place(ulong hash, int dimensions) => (int)Math.BigMul(hash, (ulong)dimensions, out _);

    private static void Normalize(float[] values, string text)
    {
        var length = Length(values);
        if (length == 0)
        {
            // The vector is zero: the text has no words, or their features cancel each other out, which happens with few dimensions. So the whole text becomes one feature.
            AddFeature(values, FeatureHash.Mixed(FeatureHash.Of(text.AsSpan().Trim())), 1);
            return;
        }

        for (var i = 0; i < values.Length; i++)
        {
            values[i] = (float)(values[i] / length);
        }
    }

    private static double Length(float[] values)
    {
        var squares = 0.0;
        foreach (var value in values)
        {
            squares += (double)value * value;
        }

        return Math.Sqrt(squares);
    }
}
