# Sources in which functions recurse as deep as a program's data are nested, without a check of the stack; they get one from
# port/stack_check.c. Of those that run all the time the functions are named which need none, by substrings: a chain of
# calls that is deep goes through another function of the same file again and again.
STACK_CHECKED := py/compile.c py/objdict.c py/objset.c py/objtuple.c py/objtype.c py/sequence.c \
	extmod/moddeflate.c extmod/modre.c extmod/moductypes.c
stack_checked_o := $(addprefix $(BUILD)/,$(STACK_CHECKED:.c=.o))
# Left: dict_binary_op, set_binary_op, set_unary_op, mp_obj_tuple_unary_op, mp_seq_cmp_objs.
$(BUILD)/py/objdict.o: unchecked := ,is_dict,iter,print,make_new,_unary_op,view,_get,_set,_subscr,fixed,dict_c,$\
	dict_p,dict_u,fromkeys,dict_init,new_dict,dict_len,store,delete
$(BUILD)/py/objset.o: unchecked := ,is_set,print,make_new,iter,set_a,set_c,set_d,set_is,set_intersect,$\
	set_p,set_r,set_symm,set_update,set_union,new_set,store
$(BUILD)/py/objtuple.o: unchecked := ,print,make_new,cmp,binary,subscr,count,index,new_,_get,_del,iter
$(BUILD)/py/sequence.o: unchecked := ,multiply,slice,bytes,index_obj,count_obj
# Left: mp_obj_class_lookup, instance_count_native_bases, mp_obj_is_subclass_fast. Attributes, operators and calls of
# instances look up their class first.
$(BUILD)/py/objtype.o: unchecked := ,instance_a,instance_b,instance_call,instance_g,$\
	instance_i,instance_l,instance_m,instance_p,instance_s,instance_u,$\
	native_base_,new_,special,type_,super_,builtin_,make_new
$(BUILD)/extmod/moddeflate.o: unchecked := ,uzlib,tinf,read_byte
$(BUILD)/extmod/modre.o: unchecked := ,classmatch
$(stack_checked_o): CFLAGS += -finstrument-functions -finstrument-functions-exclude-file-list=.h \
	-finstrument-functions-exclude-function-list=mp_hal$(unchecked)
$(stack_checked_o): stack_check.mk
