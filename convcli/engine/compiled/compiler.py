"""Compiling a loop to an image: Numba writes LLVM's code, llvmlite optimizes and emits it for a processor level.

Runs in processes of its own (see `convcli.engine.compiled.making`) with NUMBA_OPT=0, since LLVM optimizes the loop as a
whole here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import Any
from unittest.mock import patch

import llvmlite.binding as llvm
import numba
import numpy as np
from llvmlite import ir
from numba.core import types
from numba.core.codegen import JITCodeLibrary, JITCPUCodegen
from numba.extending import intrinsic

from convcli.engine.compiled.convention import Loop, slots
from convcli.engine.compiled.linking import link
from convcli.engine.compiled.loops.kit import OPTIONS, define_instructions
from convcli.engine.planning.levels import Level

_ENTRY = "convcli_loop"
_SIGNATURE = "int64(CPointer(int64), int64, int64, CPointer(uint8))"


@intrinsic
def _pointer(_context: Any, address: Any) -> Any:
    """Return an address as a pointer."""
    return types.voidptr(address), lambda _, builder, __, given: builder.inttoptr(given[0], ir.IntType(8).as_pointer())


@intrinsic
def _address(_context: Any, pointer: Any) -> Any:
    """Return a pointer as an address."""
    return types.int64(pointer), lambda _, builder, __, given: builder.ptrtoint(given[0], ir.IntType(64))


def compile_loop(loop: Loop, *targets: tuple[Level, str]) -> list[bytes]:
    """Return the images of a loop for processor levels and systems, by LLVM's names of these."""
    names: dict[str, Any] = {"numpy": np, "pointer": _pointer, "address": _address, "band": loop.function()}
    names["carray"] = numba.carray  # type: ignore[attr-defined]
    exec(_entry_source(loop), names)
    entry: Any = names["entry"]
    with _text_alone():
        function = numba.cfunc(_SIGNATURE, error_model=OPTIONS["error_model"], fastmath=OPTIONS["fastmath"])(entry)
    text = function.inspect_llvm()
    return [_emitted(text, function.native_name, level, triple) for level, triple in targets]


@contextmanager
def _text_alone() -> Iterator[None]:
    """Have Numba write LLVM's code and do no more with it.

    It would optimize and emit each function alone, and again within each that calls it: a third of its time.
    """
    linked: Any = JITCodeLibrary._ensure_finalized  # noqa: SLF001 - Numba has no other way to leave it out
    left_out = {
        JITCodeLibrary: ("_optimize_functions", "_optimize_final_module", "_finalize_specific"),
        JITCPUCodegen: ("_add_module", "set_env"),
    }
    with ExitStack() as stack:
        stack.enter_context(patch.object(JITCodeLibrary, "get_pointer_to_function", lambda each, _: linked(each) or 0))
        for owner, names in left_out.items():
            for name in filter(partial(hasattr, owner), names):  # of another version of Numba it may have another name
                stack.enter_context(patch.object(owner, name, lambda *_: None))
        yield


def _entry_source(loop: Loop) -> str:
    """Return the text of a function of the convention, which unpacks the table for the function of the loop."""
    kind, given = loop.kind, ["first=first", "last=last"]
    for name, slot in slots(kind).items():
        dtype = f"numpy.{loop.dtype(name)}"
        if name in kind.scalars:
            given.append(f"{name}={dtype}({'floats' if loop.dtype(name).kind == 'f' else 'table'}[{slot}])")
        else:
            place = f"table[{slot}]" if name in kind.arrays else f"address(scratch) + table[{slot}]"
            given.append(f"{name}=carray(pointer({place}), (table[{slot + 1}],), {dtype})")
    floats = f"carray(pointer(address(table)), ({2 * len(given)},), numpy.float64)"
    return f"def entry(table, first, last, scratch):\n    floats = {floats}\n    return band({', '.join(given)})\n"


def _emitted(text: str, name: str, level: Level, triple: str) -> bytes:
    """Return the image of a function in LLVM's code for a processor level."""
    llvm.initialize_all_targets()
    llvm.initialize_all_asmprinters()
    machine = llvm.Target.from_triple(triple).create_target_machine(
        cpu=level.cpu, features=level.features, opt=3, reloc="pic", codemodel="small"
    )
    module = llvm.parse_assembly(str(_surroundings(name, level)))
    # Without functions of C's library, such as memset in place of a loop.
    text = re.sub(r"^(define .*) {$", r'\1 "no-builtins" {', text, flags=re.MULTILINE)
    module.link_in(llvm.parse_assembly(text))
    module.triple, module.data_layout = triple, str(machine.target_data)
    for value in (*module.functions, *module.global_variables):
        if not value.is_declaration and value.name != _ENTRY:
            value.linkage = "internal"
    tuning = llvm.create_pipeline_tuning_options(speed_level=3)
    tuning.loop_vectorization = tuning.slp_vectorization = True
    builder = llvm.create_pass_builder(machine, tuning)
    builder.getModulePassManager().run(module, builder)
    # Numba's functions return whether they raised. That some cannot is known only now: then their callers need nothing
    # of Python to raise again.
    again = llvm.create_new_module_pass_manager()
    again.add_ipsccp_pass()
    again.add_simplify_cfg_pass()
    again.add_global_dead_code_eliminate_pass()
    again.run(module, builder)
    return link(machine.emit_object(module), _ENTRY)


def _surroundings(name: str, level: Level) -> ir.Module:
    """Return a module with the entry, what Numba counts references by (nothing has any), and instructions."""
    module = ir.Module()
    long, pointer = ir.IntType(64), ir.IntType(8).as_pointer()
    signature = ir.FunctionType(long, [long.as_pointer(), long, long, pointer])
    inner, entry = (ir.Function(module, signature, each) for each in (name, _ENTRY))
    builder = ir.IRBuilder(entry.append_basic_block())
    builder.ret(builder.call(inner, entry.args))
    for each in ("NRT_incref", "NRT_decref"):
        counting = ir.Function(module, ir.FunctionType(ir.VoidType(), [pointer]), each)
        ir.IRBuilder(counting.append_basic_block()).ret_void()
    define_instructions(module, level)
    return module
