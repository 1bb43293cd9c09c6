using System.Text;
using Cencori.Edge.Bodies.Splicing;
using CsCheck;
using static Cencori.Edge.Tests.Bodies.Multipart.SomeForm;

namespace Cencori.Edge.Tests.Bodies.Multipart;

/// <summary>Forms cut into any pieces, damaged or changed.</summary>
public class MultipartModelReaderProperties
{
    [Fact]
    public void The_model_is_found_in_any_order_and_any_pieces_and_every_byte_is_forwarded() =>
        Gen.Select(Gen.Shuffle(new[] { Part("name=model", "whisper-1"), FilePart, Part("name=\"language\"", "en") }), Gen.Int[1, 40].Array[1, 8], Gen.Bool)
            .Sample((parts, pieces, copy) =>
            {
                var form = Encoding.UTF8.GetBytes(Form(parts));
                using var prefix = ReadAsync(form, pieces).GetAwaiter().GetResult().Prefix!;

                Assert.Equal("whisper-1", prefix.Model);
                Assert.Equal(form, AllAsync(prefix, copy).GetAwaiter().GetResult());
            });

    [Fact]
    public void A_damaged_form_gives_the_same_result_in_one_piece_and_in_many() =>
        Gen.Select(Gen.Shuffle(new[] { Part("name=model", "m"), FilePart }), Gen.Int[0, 1_000], Gen.OneOfConst<byte>([.. "\r\n-;\"=: \0e\u00ff"u8]), Gen.Int[1, 40].Array[1, 8])
            .Sample((parts, place, value, pieces) =>
            {
                var form = Encoding.UTF8.GetBytes(Form(parts));
                form[place % form.Length] = value;

                Assert.Equal(Outcome([int.MaxValue]), Outcome(pieces));

                string Outcome(int[] pieces)
                {
                    var read = ReadAsync(form, pieces).GetAwaiter().GetResult();
                    using var prefix = read.Prefix;
                    try
                    {
                        return prefix is null ? read.Problem!.Value.Message : $"{prefix.Model}: {AllAsync(prefix, copy: true).GetAwaiter().GetResult().Length}";
                    }
                    catch (InvalidDataException exception)
                    {
                        return exception.Message;
                    }
                }
            }, iter: 2_000);

    [Fact]
    public void A_model_can_be_replaced_in_any_part_of_the_form() =>
        Gen.Select(Gen.Shuffle(new[] { Part("name=model", "whisper-1"), FilePart }), Gen.OneOfConst("w", "gpt-4o-transcribe", "é漢"), Gen.Int[1, 40].Array[1, 8])
            .Sample((parts, model, pieces) =>
            {
                var form = Form(parts);
                var expected = Encoding.UTF8.GetBytes(form.Replace("whisper-1", model, StringComparison.Ordinal));
                using var prefix = ReadAsync(Encoding.UTF8.GetBytes(form), pieces).GetAwaiter().GetResult().Prefix!;

                var splice = prefix.ReplaceModel(model);

                Assert.Equal("whisper-1", prefix.Model);
                Assert.Equal(expected, AllAsync(prefix, copy: false, splice).GetAwaiter().GetResult());
                Assert.Equal(expected.Length - Encoding.UTF8.GetByteCount(form), Splice.GrowthOf([splice], prefix.Length));
            });
}
